/** Admission control: a bound on answers under way, so that overload is an honest 503 and not a spinning process. */
import { MidStreamError } from "../../core/errors/midstream-error.ts";

/** Seconds after which a refused client may try again; answers last seconds, so sooner would only add load. */
const retryAfterS = 1;

/** Counts answers under way. */
export class Admission {
  open = 0;
  private readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Returns the function that leaves again; idempotent. @throws MidStreamError KERNEL_OVERLOADED */
  enter(): () => void {
    if (this.open >= this.limit) {
      throw new MidStreamError("KERNEL_OVERLOADED", `More than ${this.limit} answers under way`, { retryAfterS });
    }
    this.open += 1;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.open -= 1;
    };
  }
}
