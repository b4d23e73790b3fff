/**
 * One block's text on the parts path: what has not left yet, what will replace parts of it, where it is cut.
 *
 * Pure state. Knows neither analysers nor policies nor frames.
 */
import type { Channel } from "../stream/part.ts";
import type { Replacement } from "../stream/verdict.ts";
import { characterStart, sliceBytes, utf8Length } from "./byte-text.ts";
import { escapeJson, JsonCursor, unescapeJson } from "./json-text.ts";
import { type Pseudonyms, replacementText } from "./replacement.ts";

/** Where a policy ends a choice. */
export interface Cut {
  /** Text of the block before this byte still leaves. */
  readonly at: number;
  /** The frame that holds this byte is the choice's last one. */
  readonly anchor: number;
  readonly message: string;
}

interface TextEdit {
  readonly start: number;
  end: number;
  readonly text: string;
}

/** Text of one block; all offsets are UTF-8 bytes from its start. */
export class Block {
  readonly choice: number;
  readonly number: number;
  readonly channel: Channel;
  /** Bytes that have arrived. */
  total = 0;
  /** Text before this offset is settled as far as the native core is concerned. */
  safe = 0;
  /** Text before this offset may leave. */
  decided = 0;
  /** Text before this offset has left. */
  emitted = 0;
  ended = false;
  /** Where the policies' latest verdict holds text from; Infinity: nowhere. */
  policyHold = Number.POSITIVE_INFINITY;
  cut: Cut | undefined;
  /** The first half of a character, which the text ended with; a delta may be cut there. */
  private half = "";
  /** Text from `base` on. */
  private raw = "";
  private base = 0;
  private edits: TextEdit[] = [];
  private readonly cursor = new JsonCursor();
  private cursorAt = 0;

  constructor(choice: number, number: number, channel: Channel) {
    this.choice = choice;
    this.number = number;
    this.channel = channel;
  }

  /** Bytes that have arrived, an open half with the three that it has of its character: of four in all, or of the U+FFFD that it stays. */
  get arrived(): number {
    return this.half === "" ? this.total : this.total + 3;
  }

  /** What can be read now: the next text, behind the half that waited and without the one that it ends with. */
  join(delta: string): string {
    const text = this.half + delta;
    const last = text.charCodeAt(text.length - 1);
    this.half = last >= 0xd800 && last < 0xdc00 ? text.slice(-1) : "";
    return this.half === "" ? text : text.slice(0, -1);
  }

  /** The half that waited, which nothing completes any more. */
  endHalf(): string {
    const { half } = this;
    this.half = "";
    return half;
  }

  /** Takes the next text and returns its length in bytes. */
  append(text: string): number {
    const length = utf8Length(text);
    // A half in it is one that was lost.
    const whole = text.toWellFormed();
    this.raw = this.raw === "" ? whole : this.raw + whole;
    this.total += length;
    return length;
  }

  /** Text of a range; what has left already is missing, a part of a character is its half. */
  text(start: number, end: number): string {
    return sliceBytes(this.raw, Math.max(start - this.base, 0), end - this.base, this.total - this.base);
  }

  /** Replaces a range by a policy plan's replacement; in tool input so that it stays JSON. */
  replace(range: { readonly start: number; readonly end: number }, replacement: Replacement, pseudonyms: Pseudonyms): void {
    const { start, end } = range;
    // A merged edit keeps the first one's text, and a number must not be spent on one that nobody sees.
    if (this.widen(start, end)) return;
    const matched = this.text(start, end);
    if (this.channel !== "tool-input") {
      this.insert({ start, end, text: replacementText(replacement, matched, pseudonyms) });
      return;
    }
    this.moveCursor(start);
    const inString = this.cursor.inString;
    const text = escapeJson(replacementText(replacement, inString ? unescapeJson(matched) : matched, pseudonyms));
    this.insert({ start, end, text: inString ? text : `"${text}"` });
  }

  /** Replaces a range by a given text. */
  replaceBy(start: number, end: number, text: string): void {
    if (!this.widen(start, end)) this.insert({ start, end, text });
  }

  /** Whether an edit or the cut changes the text of a range. */
  touches(start: number, end: number): boolean {
    return (this.cut !== undefined && this.cut.at < end) || this.edits.some((edit) => edit.start < end && edit.end > start);
  }

  /** The text of a decided range as the client gets it. The replacement of an edit stands where the edit starts. */
  render(start: number, end: number): string {
    const upto = this.cut === undefined ? end : Math.min(end, this.cut.at);
    let at = start;
    let text = "";
    for (const edit of this.edits) {
      if (edit.start >= upto) break;
      if (edit.end <= at) continue;
      if (edit.start >= start) text += this.text(at, edit.start) + edit.text;
      at = Math.min(edit.end, upto);
    }
    return at < upto ? text + this.text(at, upto) : text;
  }

  /** Text before `upto` has left and is forgotten. */
  release(upto: number): void {
    if (upto <= this.emitted) return;
    this.emitted = upto;
    if (this.channel === "tool-input") this.moveCursor(upto);
    // The rest of a character of which a part has left keeps all of it.
    const kept = upto >= this.total ? this.total : this.base + characterStart(this.raw, upto - this.base, this.total - this.base);
    this.raw = this.text(kept, this.total);
    this.base = kept;
    while (this.edits[0] !== undefined && this.edits[0].end <= upto) this.edits.shift();
  }

  /** Joins a range with an edit that it overlaps and that starts no later. */
  private widen(start: number, end: number): boolean {
    const overlapped = this.edits.find((edit) => edit.start <= start && edit.end > start);
    if (overlapped === undefined) return false;
    overlapped.end = Math.max(overlapped.end, end);
    this.swallow(overlapped);
    return true;
  }

  private insert(edit: TextEdit): void {
    const index = this.edits.findIndex((known) => known.start > edit.start);
    this.edits.splice(index === -1 ? this.edits.length : index, 0, edit);
    this.swallow(edit);
  }

  /** Edits that start inside of `edit` become part of it. */
  private swallow(edit: TextEdit): void {
    const inside = (other: TextEdit) => other !== edit && other.start >= edit.start && other.start < edit.end;
    for (let other = this.edits.find(inside); other !== undefined; other = this.edits.find(inside)) {
      edit.end = Math.max(edit.end, other.end);
      this.edits.splice(this.edits.indexOf(other), 1);
    }
  }

  private moveCursor(to: number): void {
    if (to <= this.cursorAt) return;
    this.cursor.advance(this.text(this.cursorAt, to));
    this.cursorAt = to;
  }
}
