/** Byte-range arithmetic: findings count UTF-8 bytes, JavaScript's strings count UTF-16 units. */
import { Buffer } from "node:buffer";

/** Length in UTF-8 bytes. A lone surrogate counts as U+FFFD, 3 bytes, which is what it becomes on the wire. */
export const utf8Length = (text: string): number => Buffer.byteLength(text, "utf8");

/** Where the character that holds byte `at` starts; `byteLength` is the text's. */
export function characterStart(text: string, at: number, byteLength: number): number {
  if (byteLength === text.length) return at;
  const bytes = Buffer.from(text, "utf8");
  let start = at;
  while (start > 0 && isInside(bytes[start])) start -= 1;
  return start;
}

/**
 * Characters from byte `start` to byte `end`; `byteLength` is the text's, where the caller knows it. Of a character that a bound cuts, which
 * it does before its fourth byte, the range has one half.
 */
export function sliceBytes(text: string, start: number, end: number, byteLength = utf8Length(text)): string {
  if (byteLength === text.length) return text.slice(start, end);
  if (start <= 0 && end >= byteLength) return text;
  const bytes = Buffer.from(text, "utf8");
  const [from, to] = [Math.max(start, 0), Math.min(end, byteLength)];
  if (from >= to) return "";
  const cut = (at: number): string => (isInside(bytes[at]) ? bytes.toString("utf8", at - 3, at + 1) : "");
  const [first, last] = [cut(from), cut(to)];
  const whole = bytes.toString("utf8", first === "" ? from : from + 1, last === "" ? to : to - 3);
  return (first[1] ?? "") + whole + (last[0] ?? "");
}

const isInside = (byte = 0): boolean => (byte & 0xc0) === 0x80;
