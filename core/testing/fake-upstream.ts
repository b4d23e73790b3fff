/** An upstream that does what the test says, and remembers what was asked of it. */
import { MidStreamError } from "../errors/midstream-error.ts";
import type { Framing } from "../native/native-core.ts";
import type { ByteSink, UpstreamResponse } from "../plugin/contract.ts";

/** One response. */
export class FakeUpstream implements UpstreamResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly framing: Framing;
  readonly contentLength = -1;
  /** `pause`, `resume`, `release`, `cancel`, in their order. */
  readonly calls: string[] = [];
  private sink: ByteSink | undefined;

  constructor(settings: { status?: number; headers?: Readonly<Record<string, string>>; framing?: Framing } = {}) {
    this.status = settings.status ?? 200;
    this.headers = new Map(Object.entries({ "content-type": "text/event-stream", ...settings.headers }));
    this.framing = settings.framing ?? "identity";
  }

  read(sink: ByteSink): void {
    if (this.sink !== undefined) throw new TypeError("read twice");
    this.sink = sink;
  }

  pause(): void {
    this.calls.push("pause");
  }

  resume(): void {
    this.calls.push("resume");
  }

  release(): void {
    this.calls.push("release");
  }

  cancel(): void {
    this.calls.push("cancel");
  }

  get isRead(): boolean {
    return this.sink !== undefined;
  }

  send(...lines: readonly string[]): void {
    this.sink?.chunk(new TextEncoder().encode(lines.map((line) => `${line}\n`).join("")));
  }

  end(): void {
    this.sink?.end();
  }

  fail(code: "PROVIDER_CUT" | "PROVIDER_TIMEOUT" = "PROVIDER_CUT"): void {
    this.sink?.fail(new MidStreamError(code, "The test's upstream failed"));
  }
}
