/** Many deadlines on one timer of the caller, as the kernel sees it. The Rust side is native/nanosecond-scheduler. */

/** Sizes and rules of a scheduler. All its memory is taken when it is made: 56 bytes a task, and 260 KiB. */
export interface SchedulerSettings {
  /** Most tasks at a time, 1 to 2,097,152. */
  readonly capacity: number;
  /** Waiting that is worth one class, in milliseconds; default 10. 0 knows no classes. */
  readonly ageingMs?: number;
  /** From how late on a delivery counts as missed, in milliseconds; default 1. */
  readonly toleranceMs?: number;
  /** What happens to a task without room; default `reject`. */
  readonly overload?: "reject" | "drop-lowest" | "drop-latest";
}

/** What to schedule beside the deadline. */
export interface TaskSettings {
  /** The caller's own number, 0 to 2^32 - 1; it comes back when the task is due. */
  readonly tag?: number;
  /** Priority, 0 (first, the default) to 7. */
  readonly class?: number;
  /** Again and again, in milliseconds; default 0, once. */
  readonly periodMs?: number;
}

/** Counts since the scheduler was made, but `held`; lateness is a tick's time minus the deadline, in milliseconds. */
export interface SchedulerStatistics {
  readonly held: number;
  readonly accepted: number;
  readonly delivered: number;
  readonly missed: number;
  readonly cancelled: number;
  readonly moved: number;
  readonly refused: number;
  readonly dropped: number;
  readonly lateness: { readonly p50: number; readonly p99: number; readonly most: number };
}

/** Receives a due task; `task` is its name, good for further calls only if it is periodic. `missed`: periods folded into this call. */
export type DueTask = (tag: number, task: number, missed: number) => void;

/** Tasks in exact order of class and deadline. Times are milliseconds since any fixed moment. */
export interface Scheduler extends Disposable {
  /** Returns the task's name, never given twice. @throws MidStreamError KERNEL_OVERLOADED where it is refused */
  schedule(deadlineMs: number, settings?: TaskSettings): number;
  /** False where there is no such task any more. */
  reschedule(task: number, deadlineMs: number): boolean;
  cancel(task: number): boolean;
  /** Calls back for all tasks that are due, in order; returns how many. What is scheduled meanwhile comes with the next tick. */
  tick(nowMs: number, due: DueTask): number;
  /** When the next task is due; undefined where there is none. */
  next(): number | undefined;
  statistics(): SchedulerStatistics;
}
