/** JSON and JSON Schema while the text is still being written, as the kernel sees it. The Rust side is native/json-guard. */

/** What a guard is told besides its schema. */
export interface JsonGuardSettings {
  /** JSON Schema, draft 2020-12 (README of native/json-guard: the subset); absent: any JSON. */
  readonly schema?: unknown;
  /** `strict`: the whole text is one value. `fenced`: in the first Markdown fence. `find-first`: the first that reads as JSON. */
  readonly placement: "strict" | "fenced" | "find-first";
  /** A name twice in one object is broken. */
  readonly uniqueNames: boolean;
  /** Longest JSON text in bytes. */
  readonly maxBytes: number;
}

/** The first byte after which no completion is valid. */
export interface JsonViolation {
  /** Bytes from the start of the text. */
  readonly offset: number;
  /** JSON Pointer of the value. Made of the model's text: not for logs. */
  readonly path: string;
  /** JSON Pointer of the keyword, if a schema spoke. */
  readonly schemaPath: string | null;
  /** `syntax`, `type`, `required`, `additional-properties`, ... */
  readonly kind: string;
  /** What stands there. */
  readonly found: string;
  /** What would have been legal. */
  readonly expected: readonly string[];
}

/** One text under watch. */
export interface JsonStream extends Disposable {
  /** Takes the next text, cut anywhere. */
  push(text: string): "open" | "complete" | "broken";
  /** The text is complete. */
  finish(): "open" | "complete" | "broken";
  /** Once it is broken. */
  violation(): JsonViolation | undefined;
}

/** A compiled schema. */
export interface JsonGuard extends Disposable {
  open(): JsonStream;
}
