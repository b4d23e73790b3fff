/** The order of whole lists of stamps, on the flat ABI: a `BigUint64Array` of nanoseconds is read where it is. */
import { failure } from "../failure.ts";
import { numbers } from "../flat-abi.ts";
import type { Lent } from "../platform.ts";
import type { Thread } from "../thread.ts";
import { stampsOf } from "./settings.ts";

/** What a list of stamps looks like. Differences are those of neighbours, nanoseconds; both absent for fewer than two stamps. */
export interface StampOrder {
  /** Index of the first stamp below the one before it; absent where there is none. */
  readonly firstDisorder?: number;
  /** Below 0 where stamps are out of order. */
  readonly leastDeltaNs?: number;
  /** The widest gap. */
  readonly greatestDeltaNs?: number;
}

/** A distance of neighbours that is above the bound. */
export interface StampGap {
  /** Index of the later stamp. */
  readonly index: number;
  readonly deltaNs: number;
}

/** Where each stamp of a list belongs. */
export interface RepairedOrder {
  /** Indices by stamp, equal stamps as they stood. */
  readonly order: Uint32Array;
  /** Indices of those that came more than `windowNs` too late to be put in their place, as they stood. */
  readonly late: Uint32Array;
}

/** Lists of whole nanoseconds since any epoch (`process.hrtime.bigint()`). Differences are exact up to 2^53 ns, 104 days. */
export interface StampLists {
  checkOrder(stamps: BigUint64Array): StampOrder;
  /** Differences of neighbours in nanoseconds, one fewer than there are stamps: a series that the analyses take. */
  deltas(stamps: BigUint64Array): Float64Array;
  /** All distances of neighbours above `gapNs`. */
  gaps(stamps: BigUint64Array, gapNs: number): readonly StampGap[];
  /** Puts back in order what is at most `windowNs` (default 0) too late, as a `temporalSequence` would; at most 1,048,576 stamps wait for late ones. */
  repairOrder(stamps: BigUint64Array, settings?: { readonly windowNs?: number }): RepairedOrder;
}

/** Gaps of one call; more take a second one. */
const firstGaps = 256;

export function stampLists(thread: Thread): StampLists {
  const { flat, memory } = thread;
  const checked = (call: string, result: number): number => {
    if (result < 0) throw failure(flat, call, result);
    return result;
  };
  // Memory of an empty view has no address on all runtimes.
  const lent = (view: BigUint64Array): Lent => (stampsOf("stamps", view).length === 0 ? memory.push.view : view);
  const gapsAt = (stamps: BigUint64Array, gapNs: number, room: number): Uint32Array => {
    const indices = new Uint32Array(room);
    const count = checked("gaps", flat.ms_stamps_gaps(lent(stamps), stamps.length, gapNs, indices, room));
    return count > room ? gapsAt(stamps, gapNs, count) : indices.subarray(0, count);
  };
  return {
    checkOrder(stamps) {
      checked("checkOrder", flat.ms_stamps_check(lent(stamps), stamps.length, memory.numbers.address, numbers.order));
      const [firstDisorder = -1, leastDeltaNs = 0, greatestDeltaNs = 0] = memory.numbers.view;
      return {
        ...(firstDisorder >= 0 && { firstDisorder }),
        ...(stamps.length > 1 && { leastDeltaNs, greatestDeltaNs }),
      };
    },
    deltas(stamps) {
      const deltas = new Float64Array(Math.max(stamps.length - 1, 1));
      const count = checked("deltas", flat.ms_stamps_deltas(lent(stamps), stamps.length, deltas, deltas.length));
      return deltas.subarray(0, count);
    },
    gaps(stamps, gapNs) {
      const indices = gapsAt(stamps, gapNs, firstGaps);
      return Array.from(indices, (index) => ({ index, deltaNs: Number(stamps[index]! - stamps[index - 1]!) }));
    },
    repairOrder(stamps, { windowNs = 0 } = {}) {
      const indices = new Uint32Array(Math.max(stamps.length, 1));
      const count = checked("repairOrder", flat.ms_stamps_repair(lent(stamps), stamps.length, windowNs, indices, indices.length));
      return { order: indices.subarray(0, count), late: indices.subarray(count, stamps.length) };
    },
  };
}
