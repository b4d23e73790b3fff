/**
 * Cuts one text into units to judge. Where a unit ends is native/segment's to say, and depends on the text alone, not on how it came.
 *
 * Must not know judges.
 */
import type { NativeCore, TextAnswer, TextDetector } from "../../../core/plugin/index.ts";

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

/** What finds the ends of units; shared by all answers. */
export const compileUnits = (native: NativeCore, { unit, windowChars, overlapChars }: UnitSettings): TextDetector =>
  native.compileDetector("units", {
    cut: unit === "sentence" ? "sentence" : "length",
    limit: unit === "final" ? windowChars : windowChars - overlapChars,
  });

/** The text of one block. */
export class UnitCutter {
  private readonly answer: TextAnswer;
  private readonly at: { readonly choice: number; readonly block: number };
  private readonly overlapChars: number;
  /** Text behind the last unit. */
  private text = "";
  private before = "";
  private start = 0;
  /** Where the text that `answer` reads began: a block that goes on after its end is read as a new one. */
  private base = 0;

  /** `answer` is one of `compileUnits`; its findings are taken here. */
  constructor(answer: TextAnswer, at: { readonly choice: number; readonly block: number }, overlapChars: number) {
    this.answer = answer;
    this.at = at;
    this.overlapChars = overlapChars;
  }

  /** Byte at which the unit begins that is not complete yet. */
  get openFrom(): number {
    return this.start;
  }

  /** Takes the next text; returns the units that it completes. */
  push(delta: string): Unit[] {
    this.text += delta;
    this.answer.push(this.at.choice, this.at.block, "content", delta);
    return this.taken();
  }

  /** The text is over; the rest of it is a unit. */
  finish(): Unit[] {
    this.answer.end(this.at.choice, this.at.block);
    const units = this.taken();
    this.base = this.start;
    return units;
  }

  private taken(): Unit[] {
    return this.answer.take().map(({ range }) => this.cut(this.base + range.end));
  }

  private cut(end: number): Unit {
    const text = firstBytes(this.text, end - this.start);
    const unit = { start: this.start, end, text, overlap: this.before };
    if (this.overlapChars > 0) this.before = tail(this.before + text, this.overlapChars);
    this.text = this.text.slice(text.length);
    this.start = end;
    return unit;
  }
}

/** The characters of the first bytes, which end with one. A lone surrogate is U+FFFD. */
function firstBytes(text: string, bytes: number): string {
  // Of what is ASCII a character is a byte; nearly all units of many languages are.
  const plain = text.slice(0, bytes);
  return Buffer.byteLength(plain) === bytes ? plain : Buffer.from(plain).toString("utf8", 0, bytes);
}

/** The last characters, none of them halved. */
function tail(text: string, chars: number): string {
  const kept = text.slice(-chars);
  const code = kept.charCodeAt(0);
  return code >= 0xdc00 && code <= 0xdfff ? kept.slice(1) : kept;
}
