/** One HTTP exchange with a judge: JSON out, JSON in, both bounded. Must not know formats. */
import { type Cancellation, Canceller, ConnectSettings, type Transport, type UpstreamResponse } from "../../../core/plugin/index.ts";

/** What became of a call. */
export type CallResult =
  | { readonly kind: "body"; readonly body: unknown }
  | { readonly kind: "failed"; readonly reason: "unreachable" | "refused" | "rate-limited" | "unreadable"; readonly retryAfterMs: number };

/** Where calls go. */
export interface CallSettings {
  readonly transport: Transport;
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly maxResponseBytes: number;
}

const failed = (reason: Extract<CallResult, { kind: "failed" }>["reason"], retryAfterMs = 0): CallResult => ({
  kind: "failed",
  reason,
  retryAfterMs,
});

/** A call that can be given up. Never rejects. */
export function callJudge(settings: CallSettings, body: unknown): { readonly result: Promise<CallResult>; cancel(): void } {
  const canceller = new Canceller();
  return {
    result: exchange(settings, body, canceller),
    cancel: () => canceller.abort(new DOMException("The verdict is not wanted any more", "AbortError")),
  };
}

async function exchange(settings: CallSettings, body: unknown, cancellation: Canceller): Promise<CallResult> {
  const { transport, url, headers, maxResponseBytes } = settings;
  const request = { method: "POST", url, headers, body: new TextEncoder().encode(JSON.stringify(body)) } as const;
  let response: UpstreamResponse;
  try {
    response = await transport.connect(request, connectSettings(cancellation));
  } catch {
    // Whatever the transport says of it, there is no verdict; the queue counts it.
    return failed("unreachable");
  }
  const { status } = response;
  if (status < 200 || status > 299 || (response.headers.get("content-encoding") ?? "identity") !== "identity") {
    response.cancel();
    if (status !== 429 && status !== 503) return failed("refused");
    return failed(status === 429 ? "rate-limited" : "refused", retryAfterMs(response));
  }
  const text = await readText(response, maxResponseBytes);
  if (typeof text !== "string") return failed(text.reason);
  try {
    return { kind: "body", body: JSON.parse(text) };
  } catch {
    // No JSON: a judge that talks garbage is a judge that failed.
    return failed("unreadable");
  }
}

const connectSettings = (cancellation: Canceller): ConnectSettings => {
  const source: { readonly signal: AbortSignal; readonly cancellation: Cancellation } = {
    get signal() {
      return cancellation.signal;
    },
    cancellation,
  };
  return new ConnectSettings(source, { rawBody: false });
};

/** Seconds of `retry-after`; a date is not read. */
function retryAfterMs(response: UpstreamResponse): number {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : 0;
}

function readText(response: UpstreamResponse, maxBytes: number): Promise<string | { readonly reason: "unreachable" | "unreadable" }> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  return new Promise((resolve) => {
    response.read({
      chunk(piece) {
        bytes += piece.byteLength;
        if (bytes <= maxBytes) {
          text += decoder.decode(piece, { stream: true });
          return;
        }
        response.cancel();
        resolve({ reason: "unreadable" });
      },
      end: () => resolve(text + decoder.decode()),
      fail: () => resolve({ reason: "unreachable" }),
    });
  });
}
