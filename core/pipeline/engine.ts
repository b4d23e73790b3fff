/**
 * What turns an upstream's bytes into the client's bytes. Two of them, one behaviour: the native wire, and the parts engine.
 * One delivery drives both.
 */
import type { MidStreamError } from "../errors/midstream-error.ts";
import type { UpstreamEnd, WireState } from "../native/native-core.ts";
import type { Finding } from "../stream/finding.ts";
import type { Verdict, VerdictRecord } from "../stream/verdict.ts";

/** A finding with the verdicts on it, or verdicts without one (a TypeScript policy's own). */
export interface EngineRecord {
  readonly finding?: Finding;
  readonly verdicts: readonly {
    readonly policy: string;
    readonly action: Verdict["action"];
    readonly outcome: VerdictRecord["outcome"];
    /** What it is about, where there is no finding. */
    readonly analyser?: string;
    readonly rule?: string;
  }[];
}

/** The verdicts of a record as sinks and the side band have them. */
export function verdictRecords({ finding, verdicts }: EngineRecord): VerdictRecord[] {
  return verdicts.map(({ policy, action, outcome, analyser, rule }) => ({
    policy,
    action,
    outcome,
    analyser: finding?.analyser ?? analyser ?? "",
    rule: finding?.rule ?? rule ?? "",
  }));
}

/** One answer's engine; `NativeWire` is one. */
export interface Engine extends Disposable {
  /** The same object each time. */
  readonly state: WireState;
  /** The error that ended the answer, where it was not the upstream's. */
  readonly failure?: MidStreamError | undefined;
  /** The bytes are valid until the next call into any engine. */
  feed(chunk: Uint8Array): Uint8Array;
  drain(): Uint8Array;
  end(reason: UpstreamEnd): Uint8Array;
  /** Time has passed; only where something in the engine asked for it. */
  tick?(nowMs: number): Uint8Array;
  takeRecords(): readonly EngineRecord[];
}
