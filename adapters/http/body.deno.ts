/** Clients on the web's own streams and signals (Deno, and any other runtime). */
import type { Answer } from "../../core/pipeline/answer.ts";
import { type Cancellation, cancellationOf } from "../../core/plugin/cancellation.ts";

/** Bytes that may wait for a slow client before the upstream is paused. */
const highWaterMark = 65_536;

/** Delivers an answer at the client's pace; the client's leaving cancels it. */
export function streamBody(answer: Pick<Answer, "deliver" | "cancel">): ReadableStream<Uint8Array> {
  let resume: (() => void) | undefined;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const delivered = answer.deliver({
          write(bytes) {
            controller.enqueue(bytes.slice());
            if ((controller.desiredSize ?? 1) > 0) return undefined;
            return new Promise<void>((resolve) => {
              resume = resolve;
            });
          },
        });
        // `deliver` never rejects; a controller that the client's leaving has closed already throws here.
        delivered.then(() => controller.close()).catch(() => answer.cancel());
      },
      pull() {
        resume?.();
        resume = undefined;
      },
      cancel() {
        answer.cancel();
        resume?.();
      },
    },
    { highWaterMark, size: (chunk) => chunk?.byteLength ?? 0 },
  );
}

/** The client of a request, to the end of its answer. */
export const clientOf = (request: Request): Cancellation & { handOver(): void } =>
  Object.assign(cancellationOf(request.signal), { handOver: () => {} });
