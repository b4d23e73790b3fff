/**
 * Whose bytes are analysed next, when more has come than one turn of the event loop should take: answers that got little go before
 * answers that got much, so that a few fast upstreams do not delay everybody's tokens.
 *
 * Weighted fair queueing with equal weights (Demers, Keshav, Shenker, "Analysis and simulation of a fair queueing algorithm", SIGCOMM
 * 1989): virtual time is what everybody who waits would have got by now, and a slice's deadline is its length behind that, or behind the
 * answer's last deadline; the earliest goes first. Answers that are about to time out go before all others. Knows bytes and turns. Must
 * not know what reading means.
 */

/** Bytes that are analysed in one turn, on the wire about a millisecond or two: what a token of another answer may have to wait for. */
const turnBytes = 65_536;

/** Bytes that are analysed of one answer at a time. */
export const sliceBytes = 16_384;

/**
 * Reads up to this many bytes are never asked to wait: among them the order in which they came is fair enough, and to copy and to sort
 * them costs more than to analyse them. With 10,000 streams of tokens it stopped the process.
 */
const smallBytes = 4_096;

/** Calls back once, after whatever else has come by now has been read. */
export type Soon = (callback: () => void) => void;

/** An answer with bytes that wait. */
export interface Reader {
  /** Deadline of its next slice in virtual time, which is counted in bytes, and the place among equals. The order's own. */
  virtualDeadline: number;
  arrival: number;
  /** Analyses a slice, and adds itself again if anything is left; returns the number of bytes. */
  readSlice(): number;
}

/** Everybody who waits. */
export class ReadOrder {
  private readonly soon: Soon;
  /** A binary heap, the earliest deadline first. */
  private readonly heap: Reader[] = [];
  /** Bytes since the last turn began. */
  private spent = 0;
  /** Bytes that each of those who wait would have got, had all been served at once. */
  private virtualTime = 0;
  private arrivals = 0;
  private isComing = false;

  constructor(soon: Soon) {
    this.soon = soon;
  }

  /**
   * Whether that many bytes may be analysed where they came; else the reader is to be added. Turns are not counted while this says yes:
   * a quiet gateway is asked to wait once in `turnBytes` of large reads, for the rest of one turn.
   */
  admits(bytes: number): boolean {
    if (bytes <= smallBytes) return true;
    if (this.isComing) return false;
    this.spent += bytes;
    return this.spent <= turnBytes;
  }

  /** Has a reader wait for its turn with that many bytes at least; `isUrgent`: before all who are not. */
  add(reader: Reader, bytes: number, isUrgent: boolean): void {
    const start = Math.max(this.virtualTime, reader.virtualDeadline);
    reader.virtualDeadline = isUrgent ? 0 : start + Math.min(bytes, sliceBytes);
    reader.arrival = this.arrivals;
    this.arrivals += 1;
    this.rise(reader);
    if (this.isComing) return;
    this.isComing = true;
    this.soon(this.turn);
  }

  private readonly turn = (): void => {
    this.spent = 0;
    try {
      while (this.spent < turnBytes) {
        const next = this.shift();
        if (next === undefined) {
          this.isComing = false;
          return;
        }
        const waiting = this.heap.length + 1;
        const bytes = next.readSlice();
        this.virtualTime += bytes / waiting;
        this.spent += bytes;
      }
    } finally {
      // Also where a reader fails, which must not keep the others waiting for ever.
      if (this.isComing) this.soon(this.turn);
    }
  };

  private rise(reader: Reader): void {
    let at = this.heap.length;
    this.heap.push(reader);
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = this.heap[up] as Reader;
      if (isBefore(parent, reader)) break;
      this.heap[at] = parent;
      at = up;
    }
    this.heap[at] = reader;
  }

  private shift(): Reader | undefined {
    const first = this.heap[0];
    const last = this.heap.pop();
    if (last === undefined || last === first) return first;
    const { length } = this.heap;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= length) break;
      if (down + 1 < length && isBefore(this.heap[down + 1] as Reader, this.heap[down] as Reader)) down += 1;
      const child = this.heap[down] as Reader;
      if (isBefore(last, child)) break;
      this.heap[at] = child;
      at = down;
    }
    this.heap[at] = last;
    return first;
  }
}

const isBefore = (a: Reader, b: Reader): boolean =>
  a.virtualDeadline < b.virtualDeadline || (a.virtualDeadline === b.virtualDeadline && a.arrival < b.arrival);
