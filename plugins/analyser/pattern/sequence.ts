/** A template of events in what happens, by its longest common subsequence. Knows no event. */

/** What has been seen of a template. */
export interface Seen {
  /** Length of the longest common subsequence. */
  readonly matched: number;
  /** Events from the first of the window to the newest. */
  readonly events: number;
}

/**
 * Follows the newest events against a template. Told once so much of the template has come in its order, with other events between; what
 * was told does not count again.
 */
export class Sequence {
  private readonly template: readonly string[];
  private readonly needed: number;
  private readonly within: number;
  /** For each of the newest events the places of the template that it fits; undefined: none. */
  private readonly window: (readonly boolean[] | undefined)[] = [];

  /**
   * @param settings.minConfidence share of the template that must have come
   * @param settings.within newest events that count
   */
  constructor(template: readonly string[], settings: { readonly minConfidence: number; readonly within: number }) {
    this.template = template;
    this.needed = Math.ceil(settings.minConfidence * template.length - 1e-9);
    this.within = settings.within;
  }

  /** @param names all names of one event */
  push(names: readonly string[]): Seen | undefined {
    const fits = this.template.map((name) => names.includes(name));
    const isPart = fits.includes(true);
    this.window.push(isPart ? fits : undefined);
    if (this.window.length > this.within) this.window.shift();
    if (!isPart) return undefined;
    const matched = this.longest();
    if (matched < this.needed) return undefined;
    const events = this.window.length - this.window.findIndex((each) => each !== undefined);
    this.window.length = 0;
    return { matched, events };
  }

  /** Length of the longest common subsequence of window and template (Wagner and Fischer 1974), a row an event. */
  private longest(): number {
    const row = new Uint16Array(this.template.length + 1);
    for (const fits of this.window) {
      if (fits === undefined) continue;
      let corner = 0;
      for (let at = 1; at < row.length; at++) {
        const above = row[at]!;
        row[at] = fits[at - 1] === true ? corner + 1 : Math.max(above, row[at - 1]!);
        corner = above;
      }
    }
    return row.at(-1)!;
  }
}
