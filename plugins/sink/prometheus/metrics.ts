/** Counters and histograms with bounded numbers of series, and their text form (Prometheus exposition format 0.0.4). */

/** What a family of series is called and how it is labelled. */
export interface FamilySettings {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** Most label sets; what comes after counts under `other`. */
  readonly maxSeries: number;
}

/** Label values of what came after a family was full. */
const other = "other";

const escaped = (value: string): string => value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
const escapedHelp = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  return value === Number.NEGATIVE_INFINITY ? "-Inf" : String(value);
}

/** The series of one family, by label values. */
class Family<S> {
  readonly settings: FamilySettings;
  private readonly series = new Map<string, { readonly text: string; readonly state: S }>();
  private readonly make: () => S;

  constructor(settings: FamilySettings, make: () => S) {
    this.settings = settings;
    this.make = make;
  }

  of(values: readonly string[]): S {
    // No id, rule or code holds a NUL.
    const key = values.join("\u0000");
    const known = this.series.get(key);
    if (known !== undefined) return known.state;
    if (this.series.size >= this.settings.maxSeries && values.some((value) => value !== other)) return this.of(values.map(() => other));
    const text = this.settings.labels.map((label, index) => `${label}="${escaped(values[index] ?? "")}"`).join(",");
    const state = this.make();
    this.series.set(key, { text, state });
    return state;
  }

  /** Lines with head; nothing while no series exists. */
  lines(type: "counter" | "histogram", write: (labels: string, state: S) => string): string {
    if (this.series.size === 0) return "";
    const { name, help } = this.settings;
    let text = `# HELP ${name} ${escapedHelp(help)}\n# TYPE ${name} ${type}\n`;
    for (const { text: labels, state } of this.series.values()) text += write(labels, state);
    return text;
  }
}

const braced = (labels: string): string => (labels === "" ? "" : `{${labels}}`);

/** A number that only grows, for each label set. */
export class Counter {
  private readonly family: Family<{ value: number }>;

  constructor(settings: FamilySettings) {
    this.family = new Family(settings, () => ({ value: 0 }));
  }

  /** The series of some label values, for whoever counts it often: `add` looks it up each time. */
  series(values: readonly string[]): { value: number } {
    return this.family.of(values);
  }

  /** Adds `by`; what would make a counter fall or no number is not added. */
  add(values: readonly string[], by = 1): void {
    if (by >= 0 && by < Number.POSITIVE_INFINITY) this.family.of(values).value += by;
  }

  text(): string {
    const { name } = this.family.settings;
    return this.family.lines("counter", (labels, { value }) => `${name}${braced(labels)} ${numberText(value)}\n`);
  }
}

/** One histogram. */
export interface Distribution {
  /** One for each bound, and one for what is above all; not cumulative. */
  readonly counts: number[];
  sum: number;
}

/** How values are distributed over fixed bounds, for each label set. */
export class Histogram {
  private readonly family: Family<Distribution>;
  private readonly bounds: readonly number[];

  constructor(settings: FamilySettings & { readonly bounds: readonly number[] }) {
    this.bounds = settings.bounds;
    this.family = new Family(settings, () => ({ counts: new Array<number>(settings.bounds.length + 1).fill(0), sum: 0 }));
  }

  observe(values: readonly string[], value: number): void {
    if (Number.isFinite(value)) this.observeIn(this.family.of(values), value);
  }

  /** See `Counter.series`. */
  series(values: readonly string[]): Distribution {
    return this.family.of(values);
  }

  /** As `observe`, in a series of this histogram. */
  observeIn(distribution: Distribution, value: number): void {
    if (!Number.isFinite(value)) return;
    const { bounds } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket += 1;
    distribution.counts[bucket] = (distribution.counts[bucket] ?? 0) + 1;
    distribution.sum += value;
  }

  text(): string {
    const { name } = this.family.settings;
    return this.family.lines("histogram", (labels, { counts, sum }) => {
      const more = labels === "" ? "" : `${labels},`;
      let total = 0;
      const buckets = counts.map((count, index) => {
        total += count;
        const bound = this.bounds[index] ?? Number.POSITIVE_INFINITY;
        return `${name}_bucket{${more}le="${numberText(bound)}"} ${total}\n`;
      });
      return `${buckets.join("")}${name}_sum${braced(labels)} ${numberText(sum)}\n${name}_count${braced(labels)} ${total}\n`;
    });
  }
}
