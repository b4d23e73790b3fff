/**
 * `analyser/literals`: words of the operator's own (tenant secrets, project names, canaries) as findings wherever they stand.
 *
 * Must not know what is done about a finding, and never writes a word into an error or a log.
 */
import * as v from "valibot";
import { secretReferenceSchema } from "../../../core/config/schema.ts";
import { MidStreamError } from "../../../core/errors/midstream-error.ts";
import type { LiteralRule } from "../../../core/native/rule.ts";
import { definePlugin, type PluginContext, type SecretReference } from "../../../core/plugin/contract.ts";
import { channels } from "../../../core/stream/part.ts";

/** Bytes of UTF-8 that a word may have. Source: native/scan/src/spec.rs, `LiteralRule::words`. */
const maxWordBytes = 512;
/** A canary is meant to be unmistakable; shorter ones would be found by accident. */
const minCanaryBytes = 8;
/** Words of one instance; the automaton takes some 100 bytes a byte of them. */
const maxWords = 50_000;

const flag = (fallback: boolean, description: string) => v.pipe(v.optional(v.boolean(), fallback), v.description(description));
const list = (description: string) =>
  v.pipe(v.optional(v.pipe(v.array(v.union([v.string(), secretReferenceSchema])), v.maxLength(maxWords)), []), v.description(description));

const settings = v.strictObject({
  words: list("Words, each in place or as { file } or { env } with one word a line; 1 to 512 bytes each; rule `word`"),
  canaries: list("Strings that must never leave, such as a marker in a system prompt; 8 to 512 bytes each, exact; rule `canary`"),
  caseSensitive: flag(false, "Whether letters of the other case differ, for words"),
  wholeWord: flag(true, "Whether a letter or digit next to it makes it no finding, for words"),
  tag: v.pipe(
    v.optional(v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9_]{0,63}$/, "must be capitals, digits and _, such as CODE_NAME")), "WORD"),
    v.description("Label that a redaction puts in the place of a word, without brackets"),
  ),
  channels: v.pipe(
    v.optional(v.pipe(v.array(v.picklist(channels)), v.nonEmpty())),
    v.description("Channels that are analysed; default all: content, reasoning, refusal, tool-input"),
  ),
});

const config = v.pipe(
  settings,
  v.check(({ words, canaries }) => words.length + canaries.length > 0, "words and canaries are both empty"),
);

export default definePlugin({
  api: 1,
  role: "analyser",
  type: "literals",
  description: "Words of your own: tenant secrets, code names, canaries of a system prompt",
  config,
  // A word's characters may be spread with invisible ones, which count in bytes of the text; hence twice the longest word.
  capabilities: { reads: [], holdBytes: 2 * maxWordBytes, streams: true, cost: "native", onFailure: "open" },
  async setup(settings, context) {
    const literals: LiteralRule[] = [];
    const words = collect("words", settings.words, 1, context);
    if (words.length > 0) {
      const { tag, caseSensitive, wholeWord } = settings;
      literals.push({ id: "word", tag, words, caseSensitive, wholeWord, score: 1 });
    }
    const canaries = collect("canaries", settings.canaries, minCanaryBytes, context);
    if (canaries.length > 0) {
      literals.push({ id: "canary", tag: "CANARY", words: canaries, caseSensitive: true, wholeWord: false, score: 1 });
    }
    const only = settings.channels === undefined ? {} : { channels: settings.channels };
    return { plan: { literals, ...only }, async [Symbol.asyncDispose]() {} };
  },
});

/**
 * All words of a list, without doubles, in its order.
 * @throws MidStreamError CONFIG_INVALID naming the entry (and the line) at fault, never the word
 */
function collect(key: string, entries: readonly (string | SecretReference)[], minBytes: number, context: PluginContext): string[] {
  const words = new Set<string>();
  for (const [at, entry] of entries.entries()) {
    const place = `${context.id}: ${key}[${at}]`;
    if (typeof entry === "string") {
      words.add(checked(entry, place, minBytes, context.id));
      continue;
    }
    const source = "file" in entry ? `file ${entry.file}` : `env ${entry.env}`;
    let found = 0;
    for (const [line, text] of context.secret(entry).split("\n").entries()) {
      const word = text.trim();
      if (word === "") continue;
      words.add(checked(word, `${place}, ${source}, line ${line + 1}`, minBytes, context.id));
      found += 1;
    }
    if (found === 0) throw new MidStreamError("CONFIG_INVALID", `${place}, ${source}: has no words`, { pluginId: context.id });
  }
  if (words.size > maxWords) {
    throw new MidStreamError("CONFIG_INVALID", `${context.id}: ${key} has ${words.size} words, must be ${maxWords} at most`, {
      pluginId: context.id,
    });
  }
  return [...words];
}

const utf8 = new TextEncoder();

function checked(word: string, place: string, minBytes: number, pluginId: string): string {
  const bytes = utf8.encode(word).length;
  if (bytes >= minBytes && bytes <= maxWordBytes && word.trim() !== "") return word;
  const fault = bytes > 0 && word.trim() === "" ? "is white space only" : `has ${bytes} bytes, must be ${minBytes} to ${maxWordBytes}`;
  throw new MidStreamError("CONFIG_INVALID", `${place} ${fault}`, { pluginId });
}
