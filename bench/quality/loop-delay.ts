/** How many characters of a loop pass before it is reported: made-up prose, seeded, every period with and without noise. */

/** Characters; Fibonacci, so that no two are multiples by design (facts/temporal.md, StreamLoop-1). */
const periods = [1, 2, 3, 5, 8, 13, 20, 34, 55, 89, 144, 233];
const noises = [0, 2, 5];
const runs = 40;

const sentences = [
  "Step {i}: check the valve and write the reading down. ",
  "Attempt {i} failed, so I will try the same command again.\n",
  "Now I look at file {i} of 20, and it has no error in it. ",
];
const lines = [
  "I will look for the key.\n",
  "The key is not in the drawer.\n",
  "Let me think about this again.\n",
  "I was told that it is there.\n",
];

/** One row of the table, and what was late, if the gate does not hold. */
export interface DelayRow {
  readonly row: { readonly set: string; readonly cases: number; readonly wrong: number; readonly detail: string };
  readonly late?: string;
}

/** @param endOf byte at which the first loop of a text was reported */
export function delayRows(endOf: (text: string) => number | undefined): DelayRow[] {
  return [...noises.flatMap((percent) => periods.map((period) => noisyRow(endOf, period, percent))), ...templateRows(endOf)];
}

function noisyRow(endOf: (text: string) => number | undefined, period: number, percent: number): DelayRow {
  const delays: number[] = [];
  for (let run = 0; run < runs; run++) {
    const random = randomOf(run * 1_000 + period);
    const onset = prose(random, 300);
    const end = endOf(onset + looped(random, period, percent));
    delays.push(end === undefined ? Number.POSITIVE_INFINITY : end - onset.length);
  }
  // Clean: all within four periods or 400 characters. Noisy: nine in ten within five periods and 96; short periods have no spaces and look like data.
  const noisyLimit = period < 13 ? 600 : 5 * period + 96;
  const limit = percent === 0 ? Math.max(4 * period, 400) : noisyLimit;
  return row(`period ${period}, ${percent} % noise`, { delays, limit, maxLate: percent === 0 ? 0 : runs / 10 });
}

function templateRows(endOf: (text: string) => number | undefined): DelayRow[] {
  const copies = (text: string) => Array.from({ length: 30 }, (_, at) => text.replace("{i}", String(at + 1))).join("");
  const numbered = sentences.map((text) => ({ text: copies(text), period: text.length }));
  const turns = [2, 3, 4].map((count) => lines.slice(0, count).join(""));
  const alternating = turns.map((text) => ({ text: text.repeat(12), period: text.length }));
  return [...Object.entries({ numbered, alternating })].map(([set, cases]) => {
    const onset = "Some words come first.\n";
    const delays = cases.map(({ text }) => (endOf(onset + text) ?? Number.POSITIVE_INFINITY) - onset.length);
    return row(`${set} loops`, { delays, limit: Math.max(400, ...cases.map(({ period }) => 4 * period)), maxLate: 0 });
  });
}

function row(set: string, of: { readonly delays: readonly number[]; readonly limit: number; readonly maxLate: number }): DelayRow {
  const sorted = of.delays.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  // A report before the onset is a false alarm, and as wrong as a late one.
  const wrong = sorted.filter((delay) => delay > of.limit || delay < 0).length;
  const detail = `median ${at(0.5)}, p95 ${at(0.95)}, limit ${of.limit} characters`;
  const result: DelayRow = { row: { set, cases: sorted.length, wrong, detail } };
  return wrong > of.maxLate ? { ...result, late: `${wrong} of ${sorted.length} later than ${of.limit} characters` } : result;
}

/** In `0..bound`. */
type Random = (bound: number) => number;

function randomOf(seed: number): Random {
  let state = (Math.imul(seed, 2_654_435_761) + 12_345) >>> 0;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 9) % bound;
  };
}

const letter = (random: Random) => String.fromCharCode(97 + random(26));

/** Made-up words of 2 to 9 letters. */
function prose(random: Random, length: number): string {
  let text = "";
  while (text.length < length) {
    for (let left = 2 + random(8); left > 0; left--) text += letter(random);
    text += random(9) === 0 ? ". " : " ";
  }
  return text.slice(0, length);
}

function looped(random: Random, period: number, percent: number): string {
  const copies = prose(random, period).repeat(12 * (Math.floor(400 / period) + 1));
  return percent === 0 ? copies : [...copies].map((char) => (random(100) < percent ? letter(random) : char)).join("");
}
