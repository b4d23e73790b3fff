/** Config of `provider/openai-compatible`. */
import * as v from "valibot";
import { secretReferenceSchema } from "../../../core/config/schema.ts";

const name = v.pipe(v.string(), v.nonEmpty(), v.maxLength(256));

/** Value of an HTTP field: no control characters but tab (RFC 9110 section 5.5). */
const headerValue = v.pipe(v.string(), v.regex(/^[\t\x20-\x7e\x80-\xff]*$/, "must hold no control characters"));

/** Strict; `baseUrl` is required, every other field has a default. */
export const openaiCompatibleConfig = v.strictObject({
  baseUrl: v.pipe(
    v.string(),
    v.url(),
    v.regex(/^https?:\/\/[^@?#]*$/, "must begin with http:// or https:// and hold no user, query or fragment"),
    v.description("Address of the upstream's API up to and without /chat/completions, as SDKs want it: https://api.openai.com/v1"),
  ),
  apiKey: v.pipe(v.optional(secretReferenceSchema), v.description("Key of the upstream, as { env } or { file }; default: none is sent")),
  passClientKey: v.pipe(
    v.optional(v.boolean(), false),
    v.description("Send the client's own bearer key to the upstream where apiKey is not configured"),
  ),
  models: v.pipe(
    v.optional(v.union([v.array(name), v.record(name, name)]), []),
    v.description("Models that clients may name: a list, or a mapping { name for clients: name at the upstream }; empty: ask the upstream"),
  ),
  headers: v.pipe(
    v.optional(
      v.record(
        v.pipe(
          v.string(),
          v.regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "must be a header name"),
          v.check(
            (header) => !["host", "content-length", "transfer-encoding", "connection"].includes(header.toLowerCase()),
            "belongs to the transport",
          ),
        ),
        v.union([headerValue, secretReferenceSchema]),
      ),
      {},
    ),
    v.description("Further headers for the upstream; values are texts, or { env } or { file }"),
  ),
  organization: v.pipe(v.optional(headerValue), v.description("Value of openai-organization; default: not sent")),
  usage: v.pipe(
    v.optional(v.picklist(["always", "asked"]), "always"),
    v.description("Ask for token counts in every stream (clients that did not ask do not see them), or only where the client asked"),
  ),
  modelsCacheMs: v.pipe(
    v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(86_400_000)), 300_000),
    v.description("How long the upstream's list of models is remembered, in milliseconds"),
  ),
  transport: v.pipe(
    v.optional(v.pipe(v.string(), v.regex(/^transport\/[^/]+\/[^/]+$/, "must be transport/type/name")), "transport/http/default"),
    v.description("Id of the transport that carries it"),
  ),
});

/** Config after defaults. */
export type OpenaiCompatibleConfig = v.InferOutput<typeof openaiCompatibleConfig>;
