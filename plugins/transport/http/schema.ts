/** Config of `transport/http`. */
import * as v from "valibot";
import { secretReferenceSchema } from "../../../core/config/schema.ts";

/** Largest delay that a time-out may have: one day, in milliseconds. */
const dayMs = 86_400_000;

const milliseconds = (fallback: number, minimum: number, description: string) =>
  v.pipe(v.optional(v.pipe(v.number(), v.integer(), v.minValue(minimum), v.maxValue(dayMs)), fallback), v.description(description));

/** Strict; every field has a default. */
export const httpConfig = v.strictObject({
  connector: v.pipe(
    v.optional(v.picklist(["auto", "socket", "fetch"]), "auto"),
    v.description(
      "Who opens connections: the own HTTP/1.1 client (socket), the runtime's fetch, or auto: fetch where a proxy is configured",
    ),
  ),
  connectTimeoutMs: milliseconds(10_000, 1, "Longest time to connect, TLS handshake included, in milliseconds"),
  firstByteTimeoutMs: milliseconds(300_000, 1, "Longest wait for the response's head after the request was written, in milliseconds"),
  idleTimeoutMs: milliseconds(
    120_000,
    1,
    "Longest silence inside a body, in milliseconds; time in which the client is slow does not count",
  ),
  totalTimeoutMs: milliseconds(3_600_000, 0, "Longest life of one exchange, in milliseconds; 0 = no limit"),
  keepAliveMs: milliseconds(15_000, 0, "How long an unused connection is kept, in milliseconds; 0 = connections are not reused"),
  maxIdleConnections: v.pipe(
    v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535)), 512),
    v.description("Most unused connections kept for one origin"),
  ),
  maxBodyBytes: v.pipe(
    v.optional(v.pipe(v.number(), v.integer(), v.minValue(1024), v.maxValue(2 ** 40)), 268_435_456),
    v.description("Largest response body, in bytes"),
  ),
  ca: v.pipe(
    v.optional(secretReferenceSchema),
    v.description("Certificate authorities in PEM form to trust for TLS, as { file } or { env }; default: those of the runtime"),
  ),
  proxy: v.pipe(
    v.optional(v.union([v.pipe(v.string(), v.url()), secretReferenceSchema])),
    v.description("URL of an HTTP proxy, or a reference to a secret that holds it; needs connector auto or fetch"),
  ),
});

/** Config after defaults. */
export type HttpConfig = v.InferOutput<typeof httpConfig>;
