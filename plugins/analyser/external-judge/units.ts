/**
 * Cuts one text into units to judge. Where a unit ends depends on the text alone, not on how it came.
 *
 * Must not know judges.
 */

/** One unit. */
export interface Unit {
  /** UTF-8 bytes from the start of the block, half-open; units follow each other without gaps. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** The text before it that goes along. */
  readonly overlap: string;
}

/** What to cut. */
export interface UnitSettings {
  readonly unit: "sentence" | "window" | "final";
  /** Most characters (UTF-16 units) of a unit, with its overlap. */
  readonly windowChars: number;
  readonly overlapChars: number;
}

/** A sentence has at least so many characters, so that numbered lists and abbreviations do not become units of their own. */
const minSentence = 16;

/** What may stand between a sentence's last mark and the space behind it. */
const closers = `"'”’»)]}*_`;
const marks = ".!?…";
/** Marks that need no space behind them. */
const wideMarks = "。！？｡";

const isSpace = (character: string): boolean => character === " " || character === "\n" || character === "\t" || character === "\r";
const isHigh = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;

/** The text of one block. */
export class UnitCutter {
  private readonly settings: UnitSettings;
  /** Longest unit without its overlap. */
  private readonly limit: number;
  private text = "";
  /** No end of a unit lies before this offset of `text`. */
  private scanned = 1;
  private before = "";
  private at = 0;

  constructor(settings: UnitSettings) {
    this.settings = settings;
    this.limit = settings.unit === "final" ? settings.windowChars : settings.windowChars - settings.overlapChars;
  }

  /** Byte at which the unit begins that is not complete yet. */
  get openFrom(): number {
    return this.at;
  }

  /** Takes the next text; returns the units that it completes. */
  push(delta: string): Unit[] {
    this.text += delta;
    const units: Unit[] = [];
    for (let end = this.nextEnd(); end > 0; end = this.nextEnd()) units.push(this.cut(end));
    return units;
  }

  /** The text is over; the rest of it is a unit. */
  finish(): Unit[] {
    return this.text === "" ? [] : [this.cut(this.text.length)];
  }

  /** Offset of the first end of a unit that is certain, or 0. It is certain once the character behind it is there. */
  private nextEnd(): number {
    const { text, limit } = this;
    if (this.settings.unit === "sentence") {
      const upto = Math.min(text.length - 1, limit);
      for (let at = this.scanned; at <= upto; at += 1) if (at >= minSentence && this.endsAt(at)) return at;
      this.scanned = Math.max(1, upto + 1);
    }
    if (text.length <= limit) return 0;
    const space = this.settings.unit === "sentence" ? lastSpace(text, limit) : 0;
    if (space > limit / 2) return space;
    return isHigh(text.charCodeAt(limit - 1)) && limit > 1 ? limit - 1 : limit;
  }

  /** Whether a sentence ends between two characters. */
  private endsAt(at: number): boolean {
    const next = this.text[at] ?? "";
    if (next === "\n") return this.text.slice(0, at).trim() !== "";
    let last = at - 1;
    while (last > 0 && closers.includes(this.text[last] ?? "")) last -= 1;
    const mark = this.text[last] ?? "";
    if (wideMarks.includes(mark)) return !closers.includes(next) && !wideMarks.includes(next);
    return marks.includes(mark) && isSpace(next);
  }

  private cut(end: number): Unit {
    const text = this.text.slice(0, end);
    const { overlapChars } = this.settings;
    const unit = { start: this.at, end: this.at + Buffer.byteLength(text), text, overlap: this.before };
    if (overlapChars > 0) this.before = tail(this.before + text, overlapChars);
    this.text = this.text.slice(end);
    this.at = unit.end;
    this.scanned = 1;
    return unit;
  }
}

function lastSpace(text: string, limit: number): number {
  for (let at = limit; at > 0; at -= 1) if (isSpace(text[at] ?? "")) return at;
  return 0;
}

/** The last characters, none of them halved. */
function tail(text: string, chars: number): string {
  const kept = text.slice(-chars);
  const code = kept.charCodeAt(0);
  return code >= 0xdc00 && code <= 0xdfff ? kept.slice(1) : kept;
}
