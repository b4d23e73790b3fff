/**
 * The native core as the kernel sees it. `native/bindings` implements it; only `adapters` brings the two together.
 *
 * Must not know pointers, handles or the runtime's FFI.
 */
import type { Finding } from "../stream/finding.ts";
import type { Channel } from "../stream/part.ts";
import type { Replacement } from "../stream/verdict.ts";

export type { JsonGuard, JsonGuardSettings, JsonStream, JsonViolation } from "./json-guard.ts";
/** A pattern rule; the fields are documented in native/scan/src/spec.rs and in `core/native/rule.ts`. */
export type { AnalyserPlan, LiteralRule, PatternRule, RepetitionSettings } from "./rule.ts";

export type { RuleAtom, RuleBank, RuleChange, RuleConflict, RuleLetter, RuleReport, RuleSet, RuleSource, RuleVerdict } from "./rules.ts";

export type { SeriesRegime, TemporalCore } from "./temporal.ts";

export type { TextAnswer, TextContext, TextDetector, TextDetectorKind, TextFound, TextOrigin } from "./text-detector.ts";

import type { JsonGuard, JsonGuardSettings } from "./json-guard.ts";
import type { AnalyserPlan } from "./rule.ts";
import type { RuleSet, RuleSource } from "./rules.ts";
import type { TemporalCore } from "./temporal.ts";
import type { TextDetector, TextDetectorKind } from "./text-detector.ts";

/** One policy's verdict for findings of one rule, resolved from globs by the kernel. */
export interface NativeAction {
  /** Instance id of the policy, for records. */
  readonly policy: string;
  readonly analyser: string;
  readonly rule: string;
  readonly action: "rewrite" | "block";
  /** Findings with a lower score are not acted on, in [0, 1]. */
  readonly minScore: number;
  /** The verdict comes with the n-th such finding of the choice, 1 or more. */
  readonly minCount: number;
  /** Recorded, not done. */
  readonly monitor: boolean;
  readonly replacement?: Replacement;
  /** For `block`: text that the client gets before the end; "" for none. */
  readonly message?: string;
}

/** Everything a pipeline wants from the native core; JSON-serialisable. */
export interface NativePlanSpec {
  readonly analysers: readonly AnalyserPlan[];
  /** In the order of the policies; for one finding the strictest counts, ties go to the earlier. */
  readonly actions: readonly NativeAction[];
}

/** Name of one compiled rule; findings refer to it by its index. */
export interface RuleInfo {
  readonly analyser: string;
  readonly rule: string;
  readonly tag: string;
}

/** How an HTTP body is delimited on the wire. */
export type Framing = "identity" | "chunked" | "content-length" | "close";

/** What the wire path does for one answer. */
export interface WireSettings {
  /** `stream`: SSE chat-completions chunks; `unary`: one chat-completion object. */
  readonly mode: "stream" | "unary";
  readonly framing: Framing;
  /** Bytes of the body where `framing` is `content-length`, else -1. */
  readonly contentLength: number;
  /** Drop the usage-only chunk that the client did not ask for. */
  readonly stripUsage: boolean;
  /** How many choices the client asked for. */
  readonly choiceCount: number;
  /** Let frames pass that cannot be read (invalid JSON, unknown shapes), instead of ending the answer with an error. */
  readonly passUnknown: boolean;
  /** Let every frame leave at once with the text that may, and move the rest into the next frame, instead of holding frames whole. */
  readonly flow: boolean;
}

/** Why an upstream ended, for `NativeWire.end`. */
export type UpstreamEnd = "eof" | "failed" | "timed-out" | "cancelled";

/** State after a call; the same object each time, overwritten by the next call. */
export interface WireState {
  /** More output waits: call `drain`. */
  more: boolean;
  /** The upstream's HTTP message is complete: the connection may be reused. */
  messageEnd: boolean;
  /** The client's answer is complete; nothing more will be produced. */
  done: boolean;
  /** A policy ended the answer: cancel the upstream. */
  blocked: boolean;
  /** New findings or verdict records wait: call `takeRecords`. */
  records: boolean;
  /** The upstream sent an error event, or died, or was malformed. */
  failed: boolean;
  /** A frame with a non-empty delta or an end has been seen. */
  started: boolean;
  /** Bytes of text held back now. */
  heldBytes: number;
  /** SSE events read so far. */
  frames: number;
  /** Of these, frames that carried text. */
  deltas: number;
  /** -1 where the upstream has not said. */
  inputTokens: number;
  outputTokens: number;
  totalTokens: number;
  /** Bytes of the last input after the end of the HTTP message. */
  trailing: number;
}

/** State before the first byte. */
export const newState = (): WireState => ({
  more: false,
  messageEnd: false,
  done: false,
  blocked: false,
  records: false,
  failed: false,
  started: false,
  heldBytes: 0,
  frames: 0,
  deltas: 0,
  inputTokens: -1,
  outputTokens: -1,
  totalTokens: -1,
  trailing: 0,
});

/** A finding or a verdict on it, as an audit record holds it. */
export interface NativeRecord {
  readonly finding: Finding;
  /** Verdicts in the order of the policies; empty where no policy acts on the finding. */
  readonly verdicts: readonly {
    readonly policy: string;
    readonly action: "rewrite" | "block";
    readonly outcome: "applied" | "too-late" | "monitored";
  }[];
}

/** One answer on the wire path. */
export interface NativeWire extends Disposable {
  readonly state: WireState;
  /**
   * Takes one network read and returns the bytes for the client; a view that is valid until the next call into the
   * native core. All input is taken. After it, while `state.more`, call `drain`.
   */
  feed(chunk: Uint8Array): Uint8Array;
  drain(): Uint8Array;
  /** The upstream ended; returns the bytes that end the client's answer honestly (held text, error frame, `[DONE]`). */
  end(reason: UpstreamEnd): Uint8Array;
  /** Findings and verdicts since the last call. */
  takeRecords(): readonly NativeRecord[];
}

/** One answer on the parts path: detection only; what happens to the text is decided in TypeScript. */
export interface NativeSession extends Disposable {
  /**
   * Takes the next text of a block; any partition gives the same findings. Returns the byte offset up to which no
   * byte can become part of a finding any more.
   */
  push(choice: number, block: number, channel: Channel, text: string): number;
  /** The block's text is complete; everything is decided. */
  end(choice: number, block: number): void;
  /** Findings since the last call, in the order of their starts. */
  takeFindings(): readonly Finding[];
}

/** A compiled plan, shared by all sessions of a pipeline. */
export interface NativePlan extends Disposable {
  readonly rules: readonly RuleInfo[];
  /** Bytes of the compiled automata. */
  readonly memoryBytes: number;
  openSession(): NativeSession;
  openWire(settings: WireSettings): NativeWire;
  /** One-shot: findings of a whole text as one `content` block. */
  scan(text: string): readonly Finding[];
}

/** The native library. */
export interface NativeCore {
  readonly version: string;
  readonly abi: number;
  /** @throws MidStreamError CONFIG_RULE_INVALID naming analyser, rule, field and remedy. */
  compile(spec: NativePlanSpec): NativePlan;
  /** Compiles temporal rules that share their atoms. @throws MidStreamError CONFIG_RULE_INVALID naming rule, place and remedy. */
  compileRules(sources: readonly RuleSource[]): RuleSet;
  /** Compiles a JSON guard. @throws MidStreamError NATIVE_BAD_ARGUMENT naming the place in the schema. */
  compileGuard(settings: JsonGuardSettings): JsonGuard;
  /** Compiles a detector that judges text. @throws MidStreamError NATIVE_BAD_ARGUMENT naming the setting. */
  compileDetector(kind: TextDetectorKind, settings: object): TextDetector;
  readonly temporal: TemporalCore;
}
