/**
 * How well scores tell positives from negatives: precision, recall, F1, AUC, calibration. Pure.
 *
 * Sources: Wilson 1927 (interval); Fawcett 2006, "An introduction to ROC analysis" (AUC as the share of pairs in the right order);
 * Naeini et al. 2015 (expected calibration error).
 */

/** One scored row. */
export interface Scored {
  /** In [0, 1]. */
  readonly score: number;
  readonly positive: boolean;
}

/** A share with its 95 % interval; undefined where there is nothing to take a share of. */
export interface Share {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** What a threshold makes of the rows: a row is flagged when its score is at least as high. */
export interface Operating {
  readonly threshold: number;
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
  readonly precision: Share | undefined;
  readonly recall: Share | undefined;
  /** Negatives that are flagged. */
  readonly falseAlarms: Share | undefined;
  /** Harmonic mean of precision and recall; 0 where there is no true positive. */
  readonly f1: number;
}

/** Rows whose scores lie in one tenth. */
export interface CalibrationBin {
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  readonly meanScore: number;
  readonly positiveShare: number;
}

const z = 1.959964;

/** Wilson's score interval of `count` out of `total`, at 95 %. */
export function share(count: number, total: number): Share | undefined {
  if (total === 0) return undefined;
  const value = count / total;
  const middle = (value + (z * z) / (2 * total)) / (1 + (z * z) / total);
  const half = (z / (1 + (z * z) / total)) * Math.sqrt((value * (1 - value)) / total + (z * z) / (4 * total * total));
  return { value, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

/** Counts at one threshold, in (0, 1]. */
export function operatingPoint(rows: readonly Scored[], threshold: number): Operating {
  let [truePositives, falsePositives, falseNegatives, trueNegatives] = [0, 0, 0, 0];
  for (const { score, positive } of rows) {
    if (score >= threshold) positive ? truePositives++ : falsePositives++;
    else positive ? falseNegatives++ : trueNegatives++;
  }
  return {
    threshold,
    truePositives,
    falsePositives,
    falseNegatives,
    trueNegatives,
    precision: share(truePositives, truePositives + falsePositives),
    recall: share(truePositives, truePositives + falseNegatives),
    falseAlarms: share(falsePositives, falsePositives + trueNegatives),
    f1: truePositives === 0 ? 0 : (2 * truePositives) / (2 * truePositives + falsePositives + falseNegatives),
  };
}

/** The threshold with the highest F1 among the scores themselves, the highest of equals; undefined without a positive above 0. */
export function bestThreshold(rows: readonly Scored[]): Operating | undefined {
  const sorted = [...rows].sort((a, b) => b.score - a.score);
  const positives = rows.filter(({ positive }) => positive).length;
  let best: { readonly f1: number; readonly threshold: number } | undefined;
  let hits = 0;
  for (const [index, { score, positive }] of sorted.entries()) {
    if (score <= 0) break;
    if (positive) hits += 1;
    if (sorted[index + 1]?.score === score) continue;
    const f1 = (2 * hits) / (index + 1 + positives);
    if (hits > 0 && (best === undefined || f1 > best.f1)) best = { f1, threshold: score };
  }
  return best && operatingPoint(rows, best.threshold);
}

/** Area under the ROC curve: pairs of a positive and a negative in the right order, ties half. Undefined where one kind is missing. */
export function areaUnderCurve(rows: readonly Scored[]): number | undefined {
  const sorted = [...rows].sort((a, b) => a.score - b.score);
  const positives = rows.filter(({ positive }) => positive).length;
  const negatives = rows.length - positives;
  if (positives === 0 || negatives === 0) return undefined;
  let rankSum = 0;
  for (let start = 0; start < sorted.length; ) {
    let end = start;
    let inTie = 0;
    while (end < sorted.length && sorted[end]!.score === sorted[start]!.score) {
      if (sorted[end]!.positive) inTie += 1;
      end += 1;
    }
    rankSum += inTie * ((start + 1 + end) / 2);
    start = end;
  }
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/** Ten bins of equal width; empty ones are left out. */
export function calibration(rows: readonly Scored[]): readonly CalibrationBin[] {
  const bins = Array.from({ length: 10 }, () => ({ rows: 0, sum: 0, positives: 0 }));
  for (const { score, positive } of rows) {
    const bin = bins[Math.min(9, Math.floor(score * 10))]!;
    bin.rows += 1;
    bin.sum += score;
    if (positive) bin.positives += 1;
  }
  return bins.flatMap(({ rows: count, sum, positives }, index) =>
    count === 0 ? [] : [{ from: index / 10, to: (index + 1) / 10, rows: count, meanScore: sum / count, positiveShare: positives / count }],
  );
}

/** Mean distance of score and share of positives over the bins, weighted by their rows. */
export function calibrationError(bins: readonly CalibrationBin[]): number {
  const rows = bins.reduce((sum, bin) => sum + bin.rows, 0);
  return rows === 0 ? 0 : bins.reduce((sum, bin) => sum + (bin.rows / rows) * Math.abs(bin.meanScore - bin.positiveShare), 0);
}
