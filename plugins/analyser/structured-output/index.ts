/**
 * `analyser/structured-output`: JSON and JSON Schema while the answer is written; the first byte after which nothing valid can come is a
 * finding. The guard is native/json-guard.
 *
 * Must not know what is done about it.
 */
import * as v from "valibot";
import {
  definePlugin,
  isMidStreamError,
  type JsonGuard,
  MidStreamError,
  type PluginContext,
  type Session,
} from "../../../core/plugin/index.ts";
import { FinalValidator } from "./final.ts";
import { type Guards, Watch } from "./watch.ts";

const config = v.strictObject({
  content: v.pipe(
    v.optional(v.picklist(["asked", "always", "never"]), "asked"),
    v.description("When the answer's text must be JSON: where the request asks for it, always, or never"),
  ),
  toolInput: v.pipe(
    v.optional(v.boolean(), true),
    v.description("Whether arguments of tool calls are checked, against the tool's parameters"),
  ),
  schema: v.pipe(
    v.optional(v.record(v.string(), v.unknown())),
    v.description("JSON Schema of the answer's text where the request gives none; with content: always"),
  ),
  placement: v.pipe(
    v.optional(v.picklist(["strict", "fenced", "find-first"]), "strict"),
    v.description("Where the JSON stands in the answer's text: all of it, in a Markdown fence, or the first that reads as JSON"),
  ),
  uniqueNames: v.pipe(v.optional(v.boolean(), true), v.description("Whether a name that stands twice in one object is a finding")),
  maxBytes: v.pipe(
    v.optional(v.pipe(v.number(), v.integer(), v.minValue(1024), v.maxValue(16_777_216)), 1_048_576),
    v.description("Longest JSON text, in bytes"),
  ),
  maxSchemas: v.pipe(
    v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000)), 256),
    v.description("Compiled schemas of requests that are kept; the least recently used leaves first"),
  ),
  maxSchemaChars: v.pipe(
    v.optional(v.pipe(v.number(), v.integer(), v.minValue(1024), v.maxValue(16_777_216)), 131_072),
    v.description("Longest schema of a request, in characters of JSON; the text of one that is longer is checked as JSON only"),
  ),
});

type Settings = v.InferOutput<typeof config>;

/** Characters of all schemas that are kept: a compiled one takes up to 20 bytes for each, so that clients cannot fill the memory with theirs. */
const maxKeptChars = 4_194_304;

/** Compiled guards by schema, so that an application that asks the same thing all day compiles it once. */
class GuardCache {
  private readonly settings: Settings;
  private readonly context: PluginContext;
  /** In the order of use. A schema that cannot be compiled counts as none: JSON is checked all the same. */
  private readonly kept = new Map<string, JsonGuard>();
  private keptChars = 0;

  constructor(settings: Settings, context: PluginContext) {
    this.settings = settings;
    this.context = context;
  }

  get(schema: unknown, placement: Settings["placement"]): JsonGuard {
    const text = schema === undefined ? "" : JSON.stringify(schema);
    // Compiling takes 0.6 us a character, in which no stream of the process moves; vendors allow some 120,000 characters of names.
    if (text.length > this.settings.maxSchemaChars && schema !== this.settings.schema) {
      this.context.log("schema-refused", { code: "REQUEST_TOO_LARGE", chars: text.length });
      return this.get(undefined, placement);
    }
    const key = `${placement} ${text}`;
    const known = this.kept.get(key);
    if (known !== undefined) {
      this.kept.delete(key);
      this.kept.set(key, known);
      return known;
    }
    const guard = this.compile(schema, placement);
    this.kept.set(key, guard);
    this.keptChars += key.length;
    this.trim();
    return guard;
  }

  /** The newest stays, whatever its size. */
  private trim(): void {
    for (const [key, guard] of this.kept) {
      const fits = this.kept.size <= this.settings.maxSchemas && this.keptChars <= maxKeptChars;
      if (fits || this.kept.size === 1) return;
      // Streams keep what they need of their guard.
      guard[Symbol.dispose]();
      this.kept.delete(key);
      this.keptChars -= key.length;
    }
  }

  /** @throws MidStreamError where the schema is the operator's own */
  compile(schema: unknown, placement: Settings["placement"], isOwn = false): JsonGuard {
    const { uniqueNames, maxBytes } = this.settings;
    try {
      return this.context.native.compileGuard({ ...(schema !== undefined && { schema }), placement, uniqueNames, maxBytes });
    } catch (error) {
      if (isOwn || schema === undefined || !isMidStreamError(error)) throw error;
      this.context.log("schema-refused", { code: error.code });
      return this.context.native.compileGuard({ placement, uniqueNames, maxBytes });
    }
  }

  dispose(): void {
    for (const guard of this.kept.values()) guard[Symbol.dispose]();
    this.kept.clear();
  }
}

function guardsOf(session: Session, settings: Settings, cache: GuardCache, final: FinalValidator | undefined): Guards {
  const { output, tools } = session.conversation;
  const isJson = settings.content === "always" || (settings.content === "asked" && output.json);
  return {
    final: output.schema === undefined ? final : undefined,
    content: isJson ? cache.get(output.schema ?? settings.schema, settings.placement) : undefined,
    tool(name) {
      if (!settings.toolInput) return undefined;
      return cache.get(tools.find((tool) => tool.name === name)?.parameters, "strict");
    },
  };
}

export default definePlugin({
  api: 1,
  role: "analyser",
  type: "structured-output",
  description: "JSON and JSON Schema while the answer is written: answers that must be JSON, and arguments of tool calls",
  config,
  capabilities: {
    reads: ["text-delta", "text-end", "tool-input-start", "tool-input-delta", "tool-input-end"],
    holdBytes: 0,
    streams: true,
    cost: "light",
    onFailure: "open",
  },
  async setup(settings, context) {
    const cache = new GuardCache(settings, context);
    if (settings.schema !== undefined) {
      try {
        cache.compile(settings.schema, settings.placement, true)[Symbol.dispose]();
      } catch (error) {
        if (!isMidStreamError(error)) throw error;
        throw new MidStreamError("CONFIG_INVALID", `${context.id}: schema: ${error.message}`, { pluginId: context.id, field: "schema" });
      }
    }
    const { schema, placement } = settings;
    // Elsewhere the value is a part of the text, whose place only the guard knows.
    const final = schema !== undefined && placement === "strict" ? new FinalValidator(schema) : undefined;
    return {
      begin: (session: Session) => new Watch(guardsOf(session, settings, cache, final)),
      async [Symbol.asyncDispose]() {
        cache.dispose();
      },
    };
  },
});
