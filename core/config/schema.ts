/** Shape of the config file: everything but the plugins' own configs, which their schemas check. */
import * as v from "valibot";
import { isShownHeader } from "../stream/request-headers.ts";

const dayMs = 86_400_000;

const integer = (fallback: number, minimum: number, maximum: number, description: string) =>
  v.pipe(v.optional(v.pipe(v.number(), v.integer(), v.minValue(minimum), v.maxValue(maximum)), fallback), v.description(description));

const flag = (description: string) => v.pipe(v.optional(v.boolean(), false), v.description(description));

const nonEmpty = v.pipe(v.string(), v.nonEmpty());

/** A secret by reference. */
export const secretReferenceSchema = v.union([v.strictObject({ env: nonEmpty }), v.strictObject({ file: nonEmpty })]);

const neverShown = "names a header that may hold a key, and so is never shown to pipelines and plugins";

/** Name of a request header that a plugin reads, in lower case. One that plugins never get would be a setting that does nothing. */
export const headerNameSchema = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9-]+$/, "must be a header's name in lower case"),
  v.check(isShownHeader, neverShown),
);

const serverSchema = v.strictObject({
  host: v.pipe(v.optional(nonEmpty, "127.0.0.1"), v.description("Address to listen on; 0.0.0.0 = all of this machine's")),
  port: integer(8787, 0, 65_535, "TCP port to listen on; 0 = any free one"),
  maxBodyBytes: integer(16_777_216, 1024, 2 ** 31, "Largest request body, in bytes"),
  maxHeaderBytes: integer(32_768, 1024, 1_048_576, "Largest request head, in bytes"),
  receiveTimeoutMs: integer(
    120_000,
    0,
    dayMs,
    "Longest time for a request's body to arrive, in milliseconds; on Bun also for its head, there at most 255 seconds; 0 = no limit",
  ),
  cors: v.pipe(
    v.optional(v.union([v.literal(false), v.strictObject({ origins: v.pipe(v.array(nonEmpty), v.minLength(1)) })]), false),
    v.description("Pages that may call from a browser: false for none, or { origins }; others get 403"),
  ),
  requestTimeoutMs: integer(3_600_000, 0, dayMs, "Longest life of one request, in milliseconds; 0 = no limit"),
  keepAliveMs: integer(15_000, 0, dayMs, "A comment is sent after so many milliseconds without bytes for the client; 0 = never"),
  firstPartMs: integer(
    5_000,
    0,
    dayMs,
    "How long the head of a stream waits for the answer's first text, in milliseconds: a failure before it still gets the next provider or a status",
  ),
  drainMs: integer(30_000, 0, dayMs, "How long a stop waits for answers under way, in milliseconds"),
  setupTimeoutMs: integer(10_000, 1, dayMs, "Longest set-up or disposal of one plugin, in milliseconds"),
  maxStreams: integer(0, 0, 1_000_000, "Answers under way at once, further ones get 503; 0 = as many as the descriptor limit allows"),
  tls: v.pipe(
    v.optional(v.strictObject({ cert: secretReferenceSchema, key: secretReferenceSchema })),
    v.description("Serve HTTPS: certificate chain and key in PEM form, by reference; default: plain HTTP"),
  ),
  http3: flag("Also answer HTTP/3 on the same UDP port, where the runtime offers it; needs tls"),
});

const idList = (role: string, description: string) =>
  v.pipe(
    v.array(v.pipe(v.string(), v.regex(new RegExp(`^${role}/[a-z0-9-]+/[^/]+$`), `must be ${role}/type/name`))),
    v.description(description),
  );

/** One pipeline. */
export const pipelineSchema = v.strictObject({
  providers: v.pipe(
    idList("provider", "Ids of providers, in the order in which they are tried"),
    v.minLength(1, "must name at least one provider"),
  ),
  analysers: v.pipe(v.optional(idList("analyser", "Ids of analysers"), []), v.description("Ids of analysers")),
  policies: v.pipe(
    v.optional(idList("policy", "Ids of policies"), []),
    v.description("Ids of policies, in order; the strictest verdict wins, ties go to the earlier"),
  ),
  sinks: v.pipe(
    v.optional(idList("sink", "Ids of sinks")),
    v.description("Ids of sinks; default: sink/log/default and sink/prometheus/default"),
  ),
  match: v.pipe(
    v.optional(
      v.strictObject({
        models: v.pipe(v.optional(v.array(nonEmpty)), v.description("Globs over the request's model; default: any")),
        headers: v.pipe(
          v.optional(v.record(v.pipe(nonEmpty, v.check(isShownHeader, neverShown)), nonEmpty)),
          v.description("Request headers and globs over their values, all of which must match"),
        ),
      }),
    ),
    v.description(
      "Which requests it serves; the first pipeline that matches takes one, else the one without match; where there is none, the request is refused",
    ),
  ),
  onFailure: v.pipe(
    v.optional(v.record(v.string(), v.picklist(["open", "closed"])), {}),
    v.description(
      "What a failure of one of its analysers or policies means, by id: open = go on without it, closed = end the answer with an error",
    ),
  ),
  frames: v.pipe(
    v.optional(v.picklist(["whole", "flow"]), "whole"),
    v.description(
      "whole: a frame leaves when all its text may; flow: every frame leaves at once with the text that may, and the rest moves into the next frame",
    ),
  ),
  onUnknown: v.pipe(
    v.optional(v.picklist(["pass", "block"]), "pass"),
    v.description("Frames of the upstream that the provider does not know: let them pass, or block the answer"),
  ),
});

/** The whole file. */
export const configSchema = v.strictObject({
  $schema: v.pipe(v.optional(v.string()), v.description("For editors: where this file's JSON Schema is")),
  server: v.pipe(v.optional(serverSchema, {}), v.description("The door")),
  modules: v.pipe(v.optional(v.array(nonEmpty), []), v.description("Paths (from this file) or packages that export plugins")),
  plugins: v.pipe(v.optional(v.record(v.string(), v.unknown()), {}), v.description("Instances of plugins by id: role/type/name")),
  pipelines: v.pipe(
    v.record(nonEmpty, pipelineSchema),
    v.minEntries(1, "must hold at least one pipeline"),
    v.description("Pipelines by name"),
  ),
});

/** What a user writes. */
export type Config = v.InferInput<typeof configSchema>;
/** The same with its defaults. */
export type ResolvedConfig = v.InferOutput<typeof configSchema>;
/** The door's settings. */
export type ServerConfig = ResolvedConfig["server"];
/** One pipeline's settings. */
export type PipelineConfig = ResolvedConfig["pipelines"][string];

/** Identity at run time; gives a config file types and comments. */
export const defineConfig = (config: Config): Config => config;
