/**
 * Names and signatures of @std/async, which lives on JSR only: `#std/async` points here, and can point there.
 *
 * Own code. Nothing on the way of a token uses it.
 */
export { abortable } from "./abortable.ts";
export { type DeadlineOptions, deadline } from "./deadline.ts";
export { type DebouncedFunction, debounce } from "./debounce.ts";
export { type DelayOptions, delay } from "./delay.ts";
export { MuxAsyncIterator } from "./mux-async-iterator.ts";
export { pooledMap } from "./pool.ts";
export { RetryError, type RetryOptions, retry } from "./retry.ts";
export { type Tuple, tee } from "./tee.ts";
