/** Events that arrive a little out of order, on the flat ABI. */
import { failure } from "../failure.ts";
import { numbers } from "../flat-abi.ts";
import { Owned } from "../owned.ts";
import type { Thread } from "../thread.ts";
import { whole } from "./settings.ts";

/** How long events wait for late ones. Times are nanoseconds. */
export interface TemporalSequenceSettings {
  /** What comes up to this much too late still finds its place; default 0. */
  readonly windowNs?: number;
  /** Distances above it are counted; default none. */
  readonly gapNs?: number;
  /** Most events that wait, 1 to 1,048,576; default 1,024. */
  readonly capacity?: number;
}

/** An event in its place. */
export interface SequencedEvent {
  readonly stampNs: number;
  /** How many were pushed before it: the order among equal stamps. */
  readonly sequence: number;
  /** The caller's own number. */
  readonly tag: number;
  /** Nanoseconds since the event handed out before it; 0 for the first. */
  readonly deltaNs: number;
}

/** Counts since the sequence was made, but `waiting`. */
export interface EventOrder {
  readonly pushed: number;
  /** Came after a newer one, and were put in their place. */
  readonly repaired: number;
  /** Were refused as too late. */
  readonly late: number;
  /** Neighbours further apart than `gapNs`. */
  readonly gaps: number;
  readonly waiting: number;
}

/** Sorts events by stamp, equal stamps as they arrived. Stamps are whole nanoseconds from 0 to 2^53: 104 days since an epoch of yours. */
export interface TemporalSequence extends Disposable {
  /** Its sequence number; undefined where its place has passed. @throws MidStreamError KERNEL_OVERLOADED where `capacity` events wait */
  push(stampNs: number, tag?: number): number | undefined;
  /** The events that nothing can come before any more: the newest stamp is at least `windowNs` later. */
  ready(): readonly SequencedEvent[];
  /** All events: the end of the stream. */
  drain(): readonly SequencedEvent[];
  statistics(): EventOrder;
}

/** Events of one call. */
const batch = 256;

export const openSequence = (thread: Thread, settings: TemporalSequenceSettings): TemporalSequence => new NativeSequence(thread, settings);

class NativeSequence extends Owned implements TemporalSequence {
  readonly #events = new Float64Array(batch * numbers.event);

  constructor(thread: Thread, { windowNs = 0, gapNs = Number.POSITIVE_INFINITY, capacity = 1024 }: TemporalSequenceSettings) {
    const handle = thread.flat.ms_sequence_open(windowNs, gapNs, whole("capacity", capacity));
    super(thread, "temporalSequence", handle, "ms_sequence_close");
  }

  push(stampNs: number, tag = 0): number | undefined {
    const { flat, memory } = this.thread;
    const late = flat.ms_sequence_push(this.handle, stampNs, whole("tag", tag), memory.numbers.address, 1);
    if (late < 0) throw failure(flat, "push", late);
    return late === 1 ? undefined : memory.numbers.view[0];
  }

  ready(): readonly SequencedEvent[] {
    return this.#take(0);
  }

  drain(): readonly SequencedEvent[] {
    return this.#take(1);
  }

  statistics(): EventOrder {
    const { flat, memory } = this.thread;
    const result = flat.ms_sequence_statistics(this.handle, memory.numbers.address, numbers.sequence);
    if (result < 0) throw failure(flat, "statistics", result);
    const [pushed = 0, repaired = 0, late = 0, gaps = 0, waiting = 0] = memory.numbers.view;
    return { pushed, repaired, late, gaps, waiting };
  }

  #take(all: number): readonly SequencedEvent[] {
    const { flat } = this.thread;
    const view = this.#events;
    const events: SequencedEvent[] = [];
    for (;;) {
      const count = flat.ms_sequence_take(this.handle, all, view, view.length);
      if (count < 0) throw failure(flat, "take", count);
      for (let at = 0; at < count * numbers.event; at += numbers.event)
        events.push({ stampNs: view[at]!, sequence: view[at + 1]!, tag: view[at + 2]!, deltaNs: view[at + 3]! });
      if (count < batch) return events;
    }
  }
}
