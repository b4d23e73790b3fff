/**
 * `policy/redact`: puts something harmless in the place of what analysers found.
 *
 * Must not know how anything is found, nor how text is rewritten on the wire.
 */
import { MidStreamError } from "../../../core/errors/midstream-error.ts";
import { definePlugin, type PluginContext } from "../../../core/plugin/contract.ts";
import type { Replacement } from "../../../core/stream/verdict.ts";
import { type RedactConfig, redactConfig } from "./schema.ts";

/** Bytes of a key below which the hash of a short value can be undone by trying (RFC 2104 section 3 asks for the digest's length). */
const minKeyBytes = 16;

/** @throws MidStreamError CONFIG_SECRET_MISSING, CONFIG_INVALID */
function hashKey(config: RedactConfig, context: PluginContext): string {
  if (config.key === undefined) throw new MidStreamError("CONFIG_INVALID", "A hash needs a key", { pluginId: context.id });
  const key = context.secret(config.key);
  if (new TextEncoder().encode(key).length < minKeyBytes) {
    throw new MidStreamError("CONFIG_INVALID", `The hash's key is shorter than ${minKeyBytes} bytes`, { pluginId: context.id });
  }
  return key;
}

/** What stands in the place of a match, for each rule's tag. */
function replacementOf(config: RedactConfig, context: PluginContext): (tag: string) => Replacement {
  switch (config.with) {
    case "tag":
      return (tag) => ({ kind: "tag", text: config.tag.replaceAll("{tag}", tag) });
    case "mask":
      return () => ({ kind: "mask", char: config.maskChar, keepLast: config.keepLast });
    case "remove":
      return () => ({ kind: "remove" });
    case "pseudonym":
      return (tag) => ({ kind: "pseudonym", tag });
    case "hash": {
      const key = hashKey(config, context);
      return (tag) => ({ kind: "hash", tag, key, length: config.hashLength });
    }
  }
}

export default definePlugin({
  api: 1,
  role: "policy",
  type: "redact",
  description: "Replaces what was found: by a tag, a mask, a keyed hash, a stable pseudonym or nothing",
  config: redactConfig,
  capabilities: { reads: [], holdBytes: 0, streams: true, cost: "native", onFailure: "closed" },
  async setup(config, context) {
    const replacement = replacementOf(config, context);
    return {
      plan: {
        rules: [{ match: config.rules, action: "rewrite", minScore: config.minScore, replacement }],
        monitor: config.mode === "monitor",
      },
      async [Symbol.asyncDispose]() {},
    };
  },
});
