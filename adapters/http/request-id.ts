/** Identities of requests. */
import { Buffer } from "node:buffer";

/** Random bytes of an id. */
const idBytes = 16;
/** Ids for which random bytes are fetched at a time: a call for each costs three times as much. */
const batch = 256;

/** Makes ids: unique, and telling nothing of how many there were. */
export class RequestIds {
  private readonly random = Buffer.alloc(idBytes * batch);
  private at = idBytes * batch;

  /** Also what sinks call the session. */
  next(): string {
    if (this.at === this.random.length) {
      crypto.getRandomValues(this.random);
      this.at = 0;
    }
    const start = this.at;
    this.at += idBytes;
    return `req_${this.random.toString("hex", start, this.at)}`;
  }
}
