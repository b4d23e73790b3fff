/** What an upstream says of its own failure. Must not know any dialect. */

/** Largest error body that is read, in bytes. */
const maxErrorBytes = 65_536;

/** The `error` object of a JSON body, if it is one and small. */
export function errorObject(body: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  if (body.byteLength > maxErrorBytes) return undefined;
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(body));
    const error = typeof parsed === "object" && parsed !== null && "error" in parsed ? parsed.error : undefined;
    if (typeof error === "string") return { message: error };
    return typeof error === "object" && error !== null && !Array.isArray(error) ? (error as Record<string, unknown>) : undefined;
  } catch {
    return undefined; // Not JSON: the parser's message would repeat the body.
  }
}
