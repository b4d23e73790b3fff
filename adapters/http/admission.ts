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

  /** @throws MidStreamError KERNEL_OVERLOADED */
  enter(): Ticket {
    if (this.open >= this.limit) {
      throw new MidStreamError("KERNEL_OVERLOADED", `More than ${this.limit} answers under way`, { retryAfterS });
    }
    this.open += 1;
    return new Ticket(this);
  }
}

/** One place. */
export class Ticket {
  private admission: Admission | undefined;

  constructor(admission: Admission) {
    this.admission = admission;
  }

  /** Gives the place back; idempotent. */
  leave(): void {
    if (this.admission !== undefined) this.admission.open -= 1;
    this.admission = undefined;
  }
}
