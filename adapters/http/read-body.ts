/** Reads a request's body with a bound, whatever the client says of its length. */
import { isMidStreamError, MidStreamError } from "../../core/errors/midstream-error.ts";
import { Deadline, Deadlines, type Due } from "../../core/kernel/deadlines.ts";

const tooLarge = (maxBytes: number) =>
  new MidStreamError("REQUEST_TOO_LARGE", `Request body is over ${maxBytes} bytes`, {
    publicMessage: `The request body is over this gateway's limit of ${maxBytes} bytes`,
  });

/** Bounds of a body. */
export interface BodyLimits {
  readonly maxBytes: number;
  /** Longest time that it may take to arrive; 0 = no limit. */
  readonly timeoutMs: number;
}

/** Milliseconds between two looks at the time, for the longest time that a body may take. */
const tickOf = (timeoutMs: number): number => Math.min(250, Math.max(1, Math.floor(timeoutMs / 8)));

function every(ms: number, callback: () => void): () => void {
  const timer = setInterval(callback, ms);
  return () => clearInterval(timer);
}

/** Reads bodies; one coarse timer tells of all that take too long, which for a body each would cost more than reading it. */
export class BodyReader {
  private readonly limits: BodyLimits;
  private readonly deadlines: Deadlines;

  constructor(limits: BodyLimits) {
    this.limits = limits;
    this.deadlines = new Deadlines({ now: () => performance.now(), every }, tickOf(limits.timeoutMs));
  }

  /**
   * @throws MidStreamError REQUEST_TOO_LARGE as soon as the bound is passed; REQUEST_TIMEOUT; REQUEST_INVALID where the client ends before
   * its body does
   */
  read(request: Request): Promise<Uint8Array> {
    return new Arrival(read(request, this.limits.maxBytes), this.deadlines, this.limits.timeoutMs).body;
  }
}

/** One body that is awaited. The work goes on when the time is over; the connection's end ends it. */
class Arrival implements Due {
  readonly body: Promise<Uint8Array>;
  private readonly deadlines: Deadlines;
  private readonly timeoutMs: number;
  private readonly deadline = new Deadline(this);
  private reject: (error: unknown) => void = () => {};

  constructor(work: Promise<Uint8Array>, deadlines: Deadlines, timeoutMs: number) {
    this.deadlines = deadlines;
    this.timeoutMs = timeoutMs;
    this.body = new Promise((resolve, reject) => {
      this.reject = reject;
      work.then(
        (bytes) => {
          deadlines.cancel(this.deadline);
          resolve(bytes);
        },
        (cause) => this.failed(cause),
      );
    });
    if (timeoutMs > 0) deadlines.set(this.deadline, timeoutMs);
  }

  due(): void {
    this.reject(new MidStreamError("REQUEST_TIMEOUT", `The request's body took more than ${this.timeoutMs} ms`));
  }

  private failed(cause: unknown): void {
    this.deadlines.cancel(this.deadline);
    const message = "The request's body ended early or could not be read";
    this.reject(isMidStreamError(cause) ? cause : new MidStreamError("REQUEST_INVALID", message, { cause, publicMessage: message }));
  }
}

function read(request: Request, maxBytes: number): Promise<Uint8Array> {
  const declared = Number(request.headers.get("content-length") ?? Number.NaN);
  if (declared > maxBytes) return Promise.reject(tooLarge(maxBytes));
  // The usual body.
  return declared >= 0 ? request.bytes() : readPieces(request, maxBytes);
}

async function readPieces(request: Request, maxBytes: number): Promise<Uint8Array> {
  if (request.body === null) return new Uint8Array();
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of request.body as unknown as AsyncIterable<Uint8Array>) {
    length += piece.byteLength;
    if (length > maxBytes) throw tooLarge(maxBytes);
    pieces.push(piece);
  }
  const body = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    body.set(piece, at);
    at += piece.byteLength;
  }
  return body;
}
