/** One answer on the parts path with a judge beside it, driven line by line; time and the judge are the test's. */
import assert from "node:assert/strict";
import { Guard } from "../../core/kernel/guard.ts";
import type { EngineRecord } from "../../core/pipeline/engine.ts";
import { PartsEngine } from "../../core/pipeline/parts-engine.ts";
import type { PipelinePlan } from "../../core/pipeline/plan.ts";
import type { Session } from "../../core/plugin/contract.ts";
import { lineDecoder, lineEncoder } from "../../core/testing/lines-dialect.ts";
import { testSession } from "../../core/testing/session.ts";

/** An answer under way. */
export class DrivenAnswer implements AsyncDisposable {
  text = "";
  readonly failures: string[] = [];
  readonly records: EngineRecord[] = [];
  maxHeldBytes = 0;
  readonly engine: PartsEngine;
  private readonly decoder = new TextDecoder();
  private woken: (() => void)[] = [];
  private isWoken = false;

  constructor(plan: PipelinePlan, session: Partial<Session> = {}, mode: "stream" | "unary" = "stream") {
    this.engine = new PartsEngine({
      plan,
      session: testSession({ ...session, wake: () => this.wake() }),
      guard: new Guard(
        () => 0,
        ({ plugin, code }) => this.failures.push(`${plugin} ${code}`),
      ),
      provider: "provider/p/p",
      decoder: lineDecoder(mode),
      encoder: lineEncoder(mode),
      mode,
      stripUsage: false,
      choiceCount: 1,
      annotate: false,
    });
  }

  /** What has left of the answer's text, without frames. */
  get said(): string {
    return [...this.text.matchAll(/^t0 (.*)$/gm)].map(([, text]) => text).join("");
  }

  get rules(): string[] {
    return this.records.flatMap(({ finding }) =>
      finding === undefined ? [] : [`${finding.rule} ${finding.range.start}-${finding.range.end}`],
    );
  }

  feed(...lines: readonly string[]): this {
    for (const line of lines) this.take(this.engine.feed(new TextEncoder().encode(`${line}\n`)));
    return this;
  }

  /** The whole answer: its texts, its end. */
  answer(...texts: readonly string[]): this {
    return this.feed(...texts.map((text) => `t0 ${text}`), "e0", ".");
  }

  end(reason: "eof" | "timed-out"): this {
    if (!this.engine.state.done) this.take(this.engine.end(reason));
    return this;
  }

  /** Waits for the judge until something holds. */
  async until(what: () => boolean): Promise<this> {
    while (!what()) await new Promise<void>((resolve) => this.woken.push(resolve));
    return this;
  }

  finished(): Promise<this> {
    return this.until(() => this.engine.state.done);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.engine[Symbol.dispose]();
    assert.deepEqual(this.failures, [], "no plugin failed");
  }

  private wake(): void {
    if (this.isWoken) return;
    this.isWoken = true;
    queueMicrotask(() => {
      this.isWoken = false;
      if (!this.engine.state.done) this.take(this.engine.tick(0));
      for (const resolve of this.woken.splice(0)) resolve();
    });
  }

  private take(bytes: Uint8Array): void {
    this.text += this.decoder.decode(bytes);
    this.maxHeldBytes = Math.max(this.maxHeldBytes, this.engine.state.heldBytes);
    if (this.engine.state.records) this.records.push(...this.engine.takeRecords());
  }
}
