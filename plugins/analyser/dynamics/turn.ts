/** One turn: what an answer said and which tools it called, small enough to be kept. Knows no session. */
import { createHash } from "node:crypto";

/** Characters at either end of an answer whose words are kept. */
const endCharacters = 2_048;
/** Words of either end that are kept. */
const endWords = 128;
/** Arguments up to this length are compared as JSON values, longer ones byte by byte. */
const maxArguments = 65_536;
/** Nesting of arguments up to which they are compared as JSON values. */
const maxDepth = 32;

/** What is remembered of a turn. */
export interface Turn {
  /** UTF-8 bytes of the answer's text. */
  readonly bytes: number;
  /** Hashes of its words in lower case, at most 256: the first and the last ones. */
  readonly words: Uint32Array;
  /** Its tool calls, each as a hash of name and arguments. */
  readonly calls: readonly string[];
  /** From the request to the answer's end; unknown of turns that the request tells of. */
  readonly seconds?: number;
}

/** A run of letters or digits; of Chinese and Japanese each character is a word. */
const wordPattern =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])[\p{L}\p{N}])+/gu;

/** FNV-1a of 32 bits over UTF-16 units: a chance for two words to be one that similarity does not notice. */
function hashOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < word.length; at += 1) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/** The text of a turn as it comes. Any partition gives the same. */
export class TurnText {
  private head = "";
  private tail = "";
  private bytes = 0;

  push(delta: string): void {
    this.bytes += Buffer.byteLength(delta);
    const room = endCharacters - this.head.length;
    this.head += delta.slice(0, Math.max(room, 0));
    if (delta.length > room) this.tail = (this.tail + delta.slice(Math.max(room, 0))).slice(-endCharacters);
  }

  /** The turn that ends here. */
  turn(calls: readonly string[], seconds?: number): Turn {
    const words = (this.head + this.tail).toLowerCase().match(wordPattern) ?? [];
    const kept = words.length > 2 * endWords ? [...words.slice(0, endWords), ...words.slice(-endWords)] : words;
    const { bytes } = this;
    return { bytes, words: Uint32Array.from(kept, hashOf), calls, ...(seconds !== undefined && { seconds }) };
  }
}

/** A JSON value with the members of objects in one order; undefined where it is nested too deep. */
function ordered(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth === 0) throw new RangeError("too deep");
  if (Array.isArray(value)) return value.map((each) => ordered(each, depth - 1));
  // Pairs, not an object: it would put names that are numbers first, and `__proto__` nowhere.
  const members = Object.entries(value).map(([name, each]) => [name, ordered(each, depth - 1)] as const);
  return { of: members.sort(([a], [b]) => (a < b ? -1 : Number(a > b))) };
}

function asValue(text: string): string | undefined {
  try {
    return JSON.stringify(ordered(JSON.parse(text), maxDepth));
  } catch {
    // No JSON, or nested too deep: compared as it is written.
    return undefined;
  }
}

/** One tool call as its arguments come. Equal calls have equal keys, however their arguments are spaced and ordered. */
export class CallText {
  private readonly name: string;
  private readonly raw = createHash("sha256");
  /** Undefined once there is too much of it. */
  private text: string | undefined = "";

  constructor(name: string) {
    this.name = name;
  }

  push(delta: string): void {
    this.raw.update(delta);
    if (this.text === undefined) return;
    this.text += delta;
    if (this.text.length > maxArguments) this.text = undefined;
  }

  /** The call's key. Ends it. */
  key(): string {
    const value = this.text === undefined ? undefined : asValue(this.text);
    const of = value === undefined ? `raw ${this.raw.digest("hex")}` : `json ${value}`;
    return createHash("sha256").update(JSON.stringify(this.name)).update(of).digest("hex").slice(0, 32);
  }
}
