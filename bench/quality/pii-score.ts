/** Counting for the quality bench of personal data: expected spans against findings. Must not know rules or data sets. */

/** Half-open range of UTF-8 bytes with the name of an entity. */
export interface Span {
  readonly entity: string;
  readonly start: number;
  readonly end: number;
}

/** Byte offset of every code point of a text, and of its end: data sets count code points, findings bytes. */
export const byteOffsets = (text: string): number[] => {
  const offsets = [0];
  let at = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    at += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    offsets.push(at);
  }
  return offsets;
};

/** True and false positives and negatives of entities; a finding is true only if both of its ends are right. */
export class Score {
  readonly #counts = new Map<string, { hits: number; alarms: number; misses: number }>();
  readonly #examples: { entity: string; kind: "alarm" | "miss"; text: string }[] = [];

  /** Counts one text. Findings of entities that `expected` never names are alarms like any others. */
  add(text: string, expected: readonly Span[], found: readonly Span[]): void {
    const key = (span: Span): string => `${span.entity} ${span.start} ${span.end}`;
    const wanted = new Set(expected.map(key));
    const seen = new Set(found.map(key));
    for (const span of found) {
      if (wanted.has(key(span))) this.#count(span.entity).hits += 1;
      else this.#note("alarm", span, text);
    }
    for (const span of expected) {
      if (!seen.has(key(span))) this.#note("miss", span, text);
    }
  }

  entities(): string[] {
    return [...this.#counts.keys()].sort();
  }

  /** Texts that were wrong, for looking at. */
  examples(entity?: string): readonly { entity: string; kind: string; text: string }[] {
    return this.#examples.filter((example) => entity === undefined || example.entity === entity);
  }

  /** Sums over the entities; all of them by default. */
  of(entities: readonly string[] = this.entities()): {
    hits: number;
    alarms: number;
    misses: number;
    precision: number;
    recall: number;
    f1: number;
  } {
    const sum = { hits: 0, alarms: 0, misses: 0 };
    for (const entity of entities) {
      const { hits, alarms, misses } = this.#count(entity);
      sum.hits += hits;
      sum.alarms += alarms;
      sum.misses += misses;
    }
    const share = (part: number, whole: number): number => (whole === 0 ? 1 : part / whole);
    const precision = share(sum.hits, sum.hits + sum.alarms);
    const recall = share(sum.hits, sum.hits + sum.misses);
    return { ...sum, precision, recall, f1: share(2 * sum.hits, 2 * sum.hits + sum.alarms + sum.misses) };
  }

  /** A row for the table. */
  row(set: string, entity: string): Record<string, unknown> {
    const { hits, alarms, misses, precision, recall, f1 } = this.of([entity]);
    const round = (share: number): number => Math.round(share * 1000) / 1000;
    return { set, entity, hits, alarms, misses, precision: round(precision), recall: round(recall), f1: round(f1) };
  }

  #count(entity: string): { hits: number; alarms: number; misses: number } {
    let counts = this.#counts.get(entity);
    if (counts === undefined) {
      counts = { hits: 0, alarms: 0, misses: 0 };
      this.#counts.set(entity, counts);
    }
    return counts;
  }

  #note(kind: "alarm" | "miss", span: Span, text: string): void {
    this.#count(span.entity)[kind === "alarm" ? "alarms" : "misses"] += 1;
    const bytes = new TextEncoder().encode(text);
    const part = (start: number, end: number): string => new TextDecoder().decode(bytes.subarray(Math.max(start, 0), end));
    this.#examples.push({
      entity: span.entity,
      kind,
      text: `${part(span.start - 32, span.start)}[${part(span.start, span.end)}]${part(span.end, span.end + 16)}`,
    });
  }
}
