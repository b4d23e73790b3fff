/** Calling once for many calls. Signatures of @std/async. */

/** A debounced function. */
export interface DebouncedFunction<T extends unknown[]> {
  (...args: T): void;
  /** Forgets the pending call. */
  clear(): void;
  /** Makes the pending call now. */
  flush(): void;
  /** Whether a call is pending. */
  readonly pending: boolean;
}

/** Calls `fn` with the latest arguments when `wait` milliseconds have passed without a call. */
export function debounce<T extends unknown[]>(fn: (this: DebouncedFunction<T>, ...args: T) => void, wait: number): DebouncedFunction<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let latest: T | undefined;
  const clear = () => {
    clearTimeout(timer);
    timer = undefined;
    latest = undefined;
  };
  const flush = () => {
    const args = latest;
    clear();
    if (args !== undefined) fn.apply(debounced, args);
  };
  const debounced = Object.defineProperties(
    (...args: T) => {
      clearTimeout(timer);
      latest = args;
      timer = setTimeout(flush, wait);
    },
    { clear: { value: clear }, flush: { value: flush }, pending: { get: () => timer !== undefined } },
    // defineProperties knows no types of what it defines.
  ) as DebouncedFunction<T>;
  return debounced;
}
