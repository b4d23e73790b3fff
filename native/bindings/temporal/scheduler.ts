/** Schedulers on the flat ABI. A task's name is one number: its place times 2^32, plus the use of that place. */
import type { DueTask, Scheduler, SchedulerSettings, SchedulerStatistics, TaskSettings } from "../../../core/native/scheduler.ts";
import { failure } from "../failure.ts";
import { numbers, tickMore, words } from "../flat-abi.ts";
import { Owned } from "../owned.ts";
import type { Thread } from "../thread.ts";

const overloads = { reject: 0, "drop-lowest": 1, "drop-latest": 2 } as const;
const generations = 2 ** 32;

/** @throws MidStreamError NATIVE_BAD_ARGUMENT for sizes out of bounds */
export function openScheduler(thread: Thread, settings: SchedulerSettings): Scheduler {
  const { capacity, ageingMs = 10, toleranceMs = 1, overload = "reject" } = settings;
  const handle = thread.flat.ms_scheduler_open(capacity, ageingMs, toleranceMs, overloads[overload]);
  return new NativeScheduler(thread, handle);
}

class NativeScheduler extends Owned implements Scheduler {
  constructor(thread: Thread, handle: number) {
    super(thread, "ms_scheduler_open", handle, "ms_scheduler_close");
  }

  schedule(deadlineMs: number, settings: TaskSettings = {}): number {
    const { flat, memory } = this.thread;
    const { tag = 0, class: priority = 0, periodMs = 0 } = settings;
    const { address, view } = memory.push;
    const result = flat.ms_scheduler_set(this.handle, deadlineMs, periodMs, priority, tag, address, words.task);
    if (result < 0) throw failure(flat, "ms_scheduler_set", result);
    return view[0]! * generations + view[1]!;
  }

  reschedule(task: number, deadlineMs: number): boolean {
    const { flat } = this.thread;
    return this.#did("ms_scheduler_move", flat.ms_scheduler_move(this.handle, Math.floor(task / generations), task >>> 0, deadlineMs));
  }

  cancel(task: number): boolean {
    const { flat } = this.thread;
    return this.#did("ms_scheduler_cancel", flat.ms_scheduler_cancel(this.handle, Math.floor(task / generations), task >>> 0));
  }

  tick(nowMs: number, due: DueTask): number {
    const { flat, memory } = this.thread;
    let total = 0;
    for (;;) {
      const { address, view } = memory.list;
      const result = flat.ms_scheduler_tick(this.handle, nowMs, address, view.length);
      if (result < 0) throw failure(flat, "ms_scheduler_tick", result);
      const count = result % tickMore;
      // Copied: the callback may use the buffer itself.
      const tasks = count === 0 ? view : view.slice(0, count * words.due);
      for (let at = 0; at < count * words.due; at += words.due)
        due(tasks[at + 2]!, tasks[at]! * generations + tasks[at + 1]!, tasks[at + 4]!);
      total += count;
      if (result < tickMore) return total;
    }
  }

  next(): number | undefined {
    const { flat, memory } = this.thread;
    const result = flat.ms_scheduler_next(this.handle, memory.numbers.address, 1);
    return this.#did("ms_scheduler_next", result) ? memory.numbers.view[0] : undefined;
  }

  statistics(): SchedulerStatistics {
    const { flat, memory } = this.thread;
    const result = flat.ms_scheduler_statistics(this.handle, memory.numbers.address, numbers.scheduler);
    if (result < 0) throw failure(flat, "ms_scheduler_statistics", result);
    const [held, accepted, delivered, missed, cancelled, moved, refused, dropped, p50, p99, most] = memory.numbers
      .view as unknown as number[];
    const lateness = { p50: p50!, p99: p99!, most: most! };
    return {
      held: held!,
      accepted: accepted!,
      delivered: delivered!,
      missed: missed!,
      cancelled: cancelled!,
      moved: moved!,
      refused: refused!,
      dropped: dropped!,
      lateness,
    };
  }

  #did(call: string, result: number): boolean {
    if (result < 0) throw failure(this.thread.flat, call, result);
    return result === 1;
  }
}
