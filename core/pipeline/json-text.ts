/** Text that is itself JSON (tool-call arguments): where a position stands, and what an escaped piece says. Same as native/session/src/json_text.rs. */

/** Walks JSON text and knows whether it stands inside a string. Tolerates text that is not JSON. */
export class JsonCursor {
  inString = false;
  private escaped = false;

  advance(text: string): void {
    for (let i = 0; i < text.length; i += 1) {
      const unit = text.charCodeAt(i);
      if (this.escaped) this.escaped = false;
      else if (this.inString && unit === backslash) this.escaped = true;
      else if (unit === quote) this.inString = !this.inString;
    }
  }
}

const backslash = 0x5c;
const quote = 0x22;

const simpleEscapes: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  b: "\b",
  f: "\f",
  '"': '"',
  "\\": "\\",
  "/": "/",
};

/** The text that a piece of a JSON string's inside stands for; what is no valid escape stays as it is, a lone surrogate becomes U+FFFD. */
export function unescapeJson(piece: string): string {
  if (!piece.includes("\\")) return piece;
  const text = piece.replace(/\\(?:u([0-9a-fA-F]{4})|([ntrbf"\\/]))/g, (_, hex: string | undefined, simple: string) =>
    hex === undefined ? (simpleEscapes[simple] ?? "") : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return text.toWellFormed();
}

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\b": "\\b",
  "\f": "\\f",
};

/** `text` as the inside of a JSON string, escaped minimally. */
export function escapeJson(text: string): string {
  return text.replace(/["\\\u0000-\u001f]/g, (c) => shortEscapes[c] ?? `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
