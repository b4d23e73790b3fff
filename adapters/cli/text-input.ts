/** Texts for `scan` and `eval`: standard input or a file, whole or as JSON lines. */
import { isUtf8 } from "node:buffer";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { MidStreamError } from "../../core/index.ts";

/** One text with what came before it. */
export interface TextInput {
  readonly id: string;
  readonly text: string;
  /** What the text shall rest on. */
  readonly context: readonly string[];
  /** What the user asked. */
  readonly question: string;
  /** What the operator told the model. */
  readonly system: string;
  /** The line's other members. */
  readonly rest: Readonly<Record<string, unknown>>;
}

const shape = "one object {id, text, context?, question?, system?} a line";

const plain = (id: string, text: string): TextInput => ({ id, text, context: [], question: "", system: "", rest: {} });

/** @throws MidStreamError REQUEST_INVALID naming the line and the member */
export function parseLine(line: string, number: number): TextInput {
  const invalid = (what: string, cause?: unknown) =>
    new MidStreamError("REQUEST_INVALID", `Line ${number} ${what}; expected ${shape}`, { cause });
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch (error) {
    throw invalid("is not JSON", error);
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) throw invalid("is no object");
  const { id, text, context, question = "", system = "", ...rest } = parsed as Readonly<Record<string, unknown>>;
  if (typeof text !== "string") throw invalid('has no string "text"');
  if (typeof question !== "string") throw invalid('has a "question" that is no string');
  if (typeof system !== "string") throw invalid('has a "system" that is no string');
  const documents: readonly unknown[] = context === undefined ? [] : Array.isArray(context) ? context : [context];
  if (!documents.every((document) => typeof document === "string")) throw invalid('has a "context" that is neither a string nor strings');
  return {
    id: typeof id === "string" || typeof id === "number" ? String(id) : String(number),
    text,
    context: documents,
    question,
    system,
    rest,
  };
}

/** Texts of a stream of JSON lines, empty ones left out. */
export async function* jsonLines(input: NodeJS.ReadableStream): AsyncGenerator<TextInput> {
  let number = 0;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    // trim() takes a byte order mark for a blank, as it takes those around the line.
    const text = line.trim();
    if (text !== "") yield parseLine(text, number);
  }
}

/** All of standard input as one text; says on stderr when offsets into it will not be those of the input. */
export async function* wholeInput(): AsyncGenerator<TextInput> {
  const pieces: Uint8Array[] = [];
  for await (const piece of process.stdin) pieces.push(piece as Uint8Array);
  const bytes = Buffer.concat(pieces);
  if (!isUtf8(bytes))
    console.error("midstream: the input is not UTF-8; each wrong byte is read as U+FFFD, which counts three bytes in offsets");
  yield plain("stdin", bytes.toString("utf8"));
}

/** A file for `jsonLines`. @throws MidStreamError REQUEST_INVALID where it cannot be opened */
export async function openFile(path: string): Promise<NodeJS.ReadableStream> {
  const file = createReadStream(path);
  await new Promise<void>((resolve, reject) => {
    file.once("open", () => resolve());
    file.once("error", (cause) => reject(new MidStreamError("REQUEST_INVALID", `${path} cannot be read: ${cause.message}`, { cause })));
  });
  return file;
}
