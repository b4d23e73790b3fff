/** Lengths of sentences and lines, in words, of a text that is still being written. */

const word = /[\p{L}\p{N}]/u;
const space = /\s/;
const ends = ".!?…";
/** Ends of sentences that no space follows. */
const wideEnds = "。！？";

/** UTF-8 bytes of a character. */
function bytesOf(char: string): number {
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}

/** A sentence ends at `.`, `!` or `?` before white space, and at the end of a line; one without words is none. */
export class Sentences {
  private bytes = 0;
  private words = 0;
  private inWord = false;
  private mayEnd = false;

  /** Any partition of a text gives the same lengths. `told`: words, and bytes of the text up to the sentence's end. */
  push(text: string, told: (words: number, end: number) => void): void {
    for (const char of text) {
      const isWord = word.test(char);
      if (isWord && !this.inWord) this.words += 1;
      this.inWord = isWord;
      const isSpace = space.test(char);
      if (isSpace && (this.mayEnd || char === "\n")) this.close(told);
      this.bytes += bytesOf(char);
      if (wideEnds.includes(char)) this.close(told);
      this.mayEnd = ends.includes(char) || (this.mayEnd && !isSpace && !isWord);
    }
  }

  /** The text is complete. */
  finish(told: (words: number, end: number) => void): void {
    this.close(told);
  }

  private close(told: (words: number, end: number) => void): void {
    if (this.words > 0) told(this.words, this.bytes);
    this.words = 0;
  }
}
