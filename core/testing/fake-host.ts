/** A host for tests: time passes when the test says so, nothing is read. */
import type { KernelHost } from "../kernel/kernel.ts";

/** A host with its clock. */
export interface FakeHost extends KernelHost {
  readonly logged: { readonly event: string; readonly fields: Readonly<Record<string, string | number | boolean>> }[];
  /** Lets time pass, calling back whatever is due. */
  advance(ms: number): void;
  /** Runs what was asked for soon; what is asked for meanwhile comes in the next turn. */
  turn(): void;
}

/** Makes a host whose clock stands at 0. */
export function fakeHost(secrets: Readonly<Record<string, string>> = {}): FakeHost {
  let now = 0;
  const timers = new Set<{ readonly ms: number; due: number; readonly callback: () => void }>();
  const logged: FakeHost["logged"] = [];
  let soon: (() => void)[] = [];
  return {
    logged,
    now: () => now,
    every(ms, callback) {
      const timer = { ms, due: now + ms, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    soon: (callback) => void soon.push(callback),
    turn() {
      const due = soon;
      soon = [];
      for (const callback of due) callback();
    },
    secret: (reference) => secrets["env" in reference ? reference.env : reference.file],
    path: (file) => file,
    importModule: async () => ({}),
    log(event, fields) {
      logged.push({ event, fields });
    },
    advance(ms) {
      const until = now + ms;
      for (;;) {
        const next = [...timers].filter((timer) => timer.due <= until).sort((a, b) => a.due - b.due)[0];
        if (next === undefined) break;
        now = next.due;
        next.due += next.ms;
        next.callback();
      }
      now = until;
    },
  };
}

/** Lets everything that waits for promises, and nothing else, go on. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
