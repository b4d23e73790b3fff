/** Lines to a stream of the process without ever waiting for it. */

/** The part of a Node stream that is used. */
export interface LineStream {
  /** False: its buffer is full; `drain` will come. `done` hears of a failure, at once or later. */
  write(text: string, done: (error?: Error | null) => void): boolean;
  once(event: "drain", listener: () => void): unknown;
}

/** How lines are gathered. */
export interface LineWriterSettings {
  readonly stream: LineStream;
  /** Lines of so many milliseconds leave with one write; 0 = each at once. */
  readonly flushMs: number;
  /** Most text that waits for a reader that does not read, in UTF-16 units; lines beyond it are dropped and counted. */
  readonly maxPending: number;
  /** Calls back after some milliseconds; gives a function that calls it off. */
  readonly later: (ms: number, callback: () => void) => () => void;
  /** Called once, at the first write that fails. */
  readonly onLost: (error: unknown) => void;
}

/** Gathers lines and writes them when the stream takes them. After a write that failed it only counts: nobody reads any more. */
export class LineWriter {
  private readonly settings: LineWriterSettings;
  private pending = "";
  /** Lines in `pending`. */
  private lines = 0;
  private dropped = 0;
  private lost = false;
  private blocked = false;
  private callOff: (() => void) | undefined;

  constructor(settings: LineWriterSettings) {
    this.settings = settings;
  }

  /** Takes a line without its line feed; false if it was dropped. */
  line(text: string): boolean {
    if (this.lost || this.pending.length + text.length > this.settings.maxPending) {
      this.dropped += 1;
      return false;
    }
    this.pending += `${text}\n`;
    this.lines += 1;
    if (this.blocked) return true;
    if (this.settings.flushMs === 0) this.flush();
    else this.callOff ??= this.settings.later(this.settings.flushMs, () => this.flush());
    return true;
  }

  /** Lines dropped since the last call. */
  takeDropped(): number {
    const dropped = this.dropped;
    this.dropped = 0;
    return dropped;
  }

  /** Hands everything that waits to the stream, which queues what its reader has not taken. */
  flush(): void {
    this.callOff?.();
    this.callOff = undefined;
    if (this.pending === "") return;
    const text = this.pending;
    this.pending = "";
    const { lines } = this;
    this.lines = 0;
    let isTaken = false;
    try {
      isTaken = this.settings.stream.write(text, (error) => {
        if (error) this.lose(lines, error);
      });
    } catch (error) {
      this.lose(lines, error);
    }
    if (isTaken || this.blocked || this.lost) return;
    this.blocked = true;
    this.settings.stream.once("drain", () => {
      this.blocked = false;
      this.flush();
    });
  }

  private lose(lines: number, error: unknown): void {
    const isFirst = !this.lost;
    this.lost = true;
    this.dropped += lines + this.lines;
    this.pending = "";
    this.lines = 0;
    this.callOff?.();
    this.callOff = undefined;
    if (isFirst) this.settings.onLost(error);
  }
}
