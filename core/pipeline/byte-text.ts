/** Byte-range arithmetic: findings count UTF-8 bytes, JavaScript's strings count UTF-16 units. */
import { Buffer } from "node:buffer";

/** Length in UTF-8 bytes. A lone surrogate counts as U+FFFD, 3 bytes, which is what it becomes on the wire. */
export const utf8Length = (text: string): number => Buffer.byteLength(text, "utf8");

/** Characters from byte `start` to byte `end`, both on character boundaries; `byteLength` is the text's, where the caller knows it. */
export function sliceBytes(text: string, start: number, end: number, byteLength = utf8Length(text)): string {
  if (byteLength === text.length) return text.slice(start, end);
  if (start <= 0 && end >= byteLength) return text;
  return Buffer.from(text, "utf8").toString("utf8", Math.max(start, 0), Math.min(end, byteLength));
}
