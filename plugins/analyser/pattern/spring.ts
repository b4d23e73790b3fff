/** A shape in a series without end: SPRING (Sakurai, Faloutsos and Yamamuro 2007), as native/temporal-compare has it. Knows no signal. */

/** A stretch of the series: samples `start` to before `end`, counted from the first. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
  /** Sum of absolute differences along the best warping. */
  readonly distance: number;
}

/**
 * Finds stretches of any length whose dynamic-time-warping distance from the shape is at most `maxDistance`. O(m) a sample; of stretches
 * that overlap only the nearest is told, once none that is nearer can come.
 */
export class Spring {
  private readonly shape: readonly number[];
  private readonly maxDistance: number;
  private readonly distances: Float64Array;
  private readonly starts: Float64Array;
  private count = 0;
  private pending: Stretch | undefined;

  /** @param shape 1 sample or more, finite */
  constructor(shape: readonly number[], maxDistance: number) {
    this.shape = shape;
    this.maxDistance = maxDistance;
    this.distances = new Float64Array(shape.length).fill(Number.POSITIVE_INFINITY);
    this.starts = new Float64Array(shape.length);
  }

  /** @param value finite */
  push(value: number): Stretch | undefined {
    const start = this.column(value);
    this.count += 1;
    const due = this.due();
    if (due !== undefined) this.forget(due.end);
    const last = this.distances.length - 1;
    const distance = this.distances[last]!;
    if (distance <= this.maxDistance && distance < (this.pending?.distance ?? Number.POSITIVE_INFINITY)) {
      this.pending = { start, end: this.count, distance };
    }
    return due;
  }

  /** The series is over: the stretch that was still waiting. */
  finish(): Stretch | undefined {
    const { pending } = this;
    this.pending = undefined;
    return pending;
  }

  /** One column of the matrix, in which a path may begin at any sample; returns where the path of the last cell began. */
  private column(value: number): number {
    const { distances, starts } = this;
    let corner = 0;
    let cornerStart = this.count;
    // A path may begin here at no cost.
    let left = 0;
    let leftStart = this.count;
    for (const [row, sample] of this.shape.entries()) {
      const above = distances[row]!;
      const aboveStart = starts[row]!;
      let best = left;
      let bestStart = leftStart;
      if (corner < best) [best, bestStart] = [corner, cornerStart];
      // The first row begins anew rather than go on: that costs nothing.
      if (row > 0 && above < best) [best, bestStart] = [above, aboveStart];
      left = Math.abs(value - sample) + best;
      leftStart = bestStart;
      distances[row] = left;
      starts[row] = leftStart;
      corner = above;
      cornerStart = aboveStart;
    }
    return leftStart;
  }

  /** The pending stretch, if no path that overlaps it can still be nearer. */
  private due(): Stretch | undefined {
    const { pending } = this;
    if (pending === undefined) return undefined;
    for (const [row, distance] of this.distances.entries()) {
      if (distance < pending.distance && this.starts[row]! < pending.end) return undefined;
    }
    this.pending = undefined;
    return pending;
  }

  private forget(before: number): void {
    for (const [row, start] of this.starts.entries()) if (start < before) this.distances[row] = Number.POSITIVE_INFINITY;
  }
}
