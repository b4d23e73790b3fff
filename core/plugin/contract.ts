/**
 * The plugin contract: a plugin is data plus `setup`; an instance is a small disposable object.
 *
 * Must not know HTTP status codes, vendors, pointers, clocks or the environment.
 */
import type * as v from "valibot";
import type { MidStreamError } from "../errors/midstream-error.ts";
import type { AnalyserPlan, Framing, NativeCore } from "../native/native-core.ts";
import type { Conversation } from "../stream/conversation.ts";
import type { ByteRange, Finding } from "../stream/finding.ts";
import type { ModelRequest } from "../stream/model-request.ts";
import type { Channel, DeltaPart, Part, Usage } from "../stream/part.ts";
import type { Replacement, Verdict, VerdictRecord } from "../stream/verdict.ts";
import type { Cancellation } from "./cancellation.ts";

/** One request's life. */
export interface Session {
  /** Unique, also the `x-request-id` that the client sees. */
  readonly id: string;
  /** Name of the pipeline that serves it. */
  readonly pipeline: string;
  /** Aborted when the client leaves, a deadline passes, a policy ends the answer or the kernel stops. Made when first read. */
  readonly signal: AbortSignal;
  /** The same without the cost of a signal; absent in sessions that are not the kernel's own. */
  readonly cancellation?: Cancellation;
  readonly request: ModelRequest;
  /** What the request says, read when first asked for. */
  readonly conversation: Conversation;
  /**
   * Makes the kernel ask this session's analysers again (`tick`, `holdFrom`), soon and outside of the caller's turn: for one that has waited
   * for something outside of the stream.
   */
  wake(): void;
}

// ---- transport ------------------------------------------------------------------------------------------------

/** What a provider wants sent. */
export interface UpstreamRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  /** Lower-case names. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: Uint8Array;
}

/** Receives an upstream body. `bytes` are valid during the call only. */
export interface ByteSink {
  chunk(bytes: Uint8Array): void;
  /** The body ended as its framing says (or the peer closed, where `framing` is `close`). */
  end(): void;
  fail(error: MidStreamError): void;
}

/** An upstream's response: head read, body not yet. */
export interface UpstreamResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  /** How the body that `read` delivers is delimited; `identity` where the transport has removed the framing. */
  readonly framing: Framing;
  /** Bytes of the body where `framing` is `content-length`, else -1. */
  readonly contentLength: number;
  /** Starts delivery to the one sink; at most once. */
  read(sink: ByteSink): void;
  /** Back-pressure: no `chunk` until `resume`. */
  pause(): void;
  resume(): void;
  /** The reader has seen the end of the message: the connection may be reused. Only where `framing` is not `identity`. */
  release(): void;
  /** Closes the upstream at once. Idempotent; after `release` or the end it does nothing. */
  cancel(): void;
}

/** Moves bytes to an upstream. Never reads what it moves. */
export interface Transport {
  /**
   * Sends a request and resolves with the response's head. `rawBody` asks for body bytes as they are on the wire (with
   * their framing), where the transport can. The signal cancels in every phase; a transport that finds a `cancellation` may
   * listen to that instead, and leave the signal unread.
   * @throws MidStreamError PROVIDER_UNREACHABLE, PROVIDER_TIMEOUT, PROVIDER_BAD_RESPONSE
   */
  connect(
    request: UpstreamRequest,
    settings: { readonly signal: AbortSignal; readonly cancellation?: Cancellation; readonly rawBody: boolean },
  ): Promise<UpstreamResponse>;
}

// ---- provider -------------------------------------------------------------------------------------------------

/** One model that a provider serves, as clients name it. */
export interface ModelInfo {
  readonly id: string;
  readonly ownedBy: string;
}

/** Turns a vendor's bytes into parts. Synchronous; per answer. */
export interface Decoder {
  push(bytes: Uint8Array): readonly Part[];
  /** The body ended; parts that were still pending. Adds an `error` part if the answer is not complete. */
  end(): readonly Part[];
}

/** Speaks a vendor's dialect. Knows no HTTP client and decides nothing. */
export interface Provider {
  /** Dialect of the bytes that upstream sends: `openai-chat`. The wire path needs the client's dialect to be the same. */
  readonly dialect: string;
  models(session: { readonly signal: AbortSignal }): Promise<readonly ModelInfo[]>;
  /**
   * Starts the answer: a vendor's response, through the transport named in `requires` or made in the process.
   * A status other than 200 is an answer too. `rawBody` as in `Transport.connect`.
   */
  open(request: ModelRequest, session: Session, settings: { readonly rawBody: boolean }): Promise<UpstreamResponse>;
  /** Whether `include_usage` was added for a client that did not ask, so that the usage chunk must be dropped again. */
  addsUsage(request: ModelRequest): boolean;
  decoder(mode: "stream" | "unary"): Decoder;
}

// ---- analyser -------------------------------------------------------------------------------------------------

/** How a session of a plugin makes text wait. */
export interface Waiting {
  /**
   * First byte of a block that may not leave yet. Undefined: nothing. At most `capabilities.holdBytes` behind the block's end. Of an
   * analyser: text from there on may still become part of a finding. Of a policy: it lets text go as time passes.
   */
  holdFrom?(choice: number, block: number): number | undefined;
  /**
   * Whether a block may end, all of whose text has come; asked before its `-end` part, and again when time passes or `Session.wake` was
   * called. While it is false, the end and everything behind it wait as if the upstream paused, for as long as the request may take: bound
   * it. When that time is over nobody is asked; an analyser's `end` is its last word then. Without it an end waits for nothing.
   */
  mayEnd?(choice: number, block: number): boolean;
}

/** An analyser's state in one session. */
export interface AnalyserSession extends Waiting, Partial<Disposable> {
  /** Sees a part that `capabilities.reads` names. Frozen; a change throws. */
  push(part: Part): readonly AnalyserFinding[];
  /**
   * Sees a settled finding of an analyser that stands before it in the pipeline's list, with what the policies did about it. Findings of
   * one block come in one order, however its text came. What it reports acts before all later text.
   */
  settled?(finding: Finding, verdicts: readonly SettledVerdict[]): readonly AnalyserFinding[];
  /** Time passes, or `Session.wake` was called: a few times a second while the answer is under way. `nowMs` as of `PluginContext.now`. */
  tick?(nowMs: number): readonly AnalyserFinding[];
  /**
   * The last choice has ended, or the request's time is over: findings that needed it. A block's own end comes as its `-end` part, which is the place for findings in
   * text that `holdFrom` held back.
   */
  end?(): readonly AnalyserFinding[];
}

/** What became of a finding: one entry for each policy that acts on it. */
export type SettledVerdict = Pick<VerdictRecord, "policy" | "action" | "outcome">;

/**
 * A finding as an analyser reports it; the kernel adds the analyser's id. Without `from` a verdict can act from the range's start on,
 * or from where text is still held back, if that is later.
 */
export type AnalyserFinding = Omit<Finding, "analyser" | "channel" | "from"> & { readonly channel: Channel; readonly from?: number };

/** Reads parts and reports. Never changes, delays or stops anything. */
export interface Analyser {
  /** The fast path: what the native core does for it. An analyser has a plan, or `begin`, or both. */
  readonly plan?: Omit<AnalyserPlan, "id">;
  begin?(session: Session): AnalyserSession;
  /**
   * Looks at a request before it goes upstream. A policy's `block` then refuses the request; a `rewrite` is recorded as too late, because
   * requests leave as they came.
   */
  request?(session: Session): readonly RequestFinding[] | Promise<readonly RequestFinding[]>;
}

/** What an analyser saw in a request. */
export interface RequestFinding extends Pick<Finding, "rule" | "tag" | "score" | "data"> {
  /** Index into the conversation's messages. */
  readonly message: number;
  /** UTF-8 bytes of the message's text. */
  readonly range: ByteRange;
}

// ---- policy ---------------------------------------------------------------------------------------------------

/** What a policy does with findings, as data; such a policy works on the wire path. */
export interface PolicyPlan {
  readonly rules: readonly {
    /** Globs over `type/rule` or `rule`: `pii/*`, `email`, `secrets/aws-*`; a leading `!` excludes. */
    readonly match: readonly string[];
    readonly action: "rewrite" | "block";
    /** Default 0. */
    readonly minScore?: number;
    /** Default 1. */
    readonly minCount?: number;
    /** Made for each rule from its label; needed for `rewrite`. */
    readonly replacement?: (tag: string) => Replacement;
    /** For `block`. */
    readonly message?: string;
  }[];
  /** In monitor mode verdicts are recorded, not done. */
  readonly monitor: boolean;
}

/** A policy's state in one session. */
export interface PolicySession extends Waiting, Partial<Disposable> {
  /**
   * Decides on a delta with the findings that are new with it (they may concern earlier text of the block that is still held).
   * `text` is the block's text from byte `heldFrom` on; what lies before has left. Findings that come while no text does come with an empty
   * delta. At the block's end it is asked once more, with an empty delta and `last`: a hold has no effect then. A hold stands until the
   * next verdict.
   */
  decide(part: DeltaPart, found: readonly Finding[], held: HeldText): Verdict;
}

/** The text that a policy can still act on. */
export interface HeldText {
  readonly heldFrom: number;
  readonly text: string;
  readonly last: boolean;
}

/** A request policy's answer. */
export type RequestVerdict =
  | { readonly action: "release" }
  | { readonly action: "rewrite"; readonly request: ModelRequest }
  | { readonly action: "block"; readonly message: string };

/** Decides. Detects nothing itself. */
export interface Policy {
  readonly plan?: PolicyPlan;
  begin?(session: Session): PolicySession;
  request?(request: ModelRequest, session: Session): RequestVerdict | Promise<RequestVerdict>;
  /** Whether findings travel to a client that asked for them (`policy/annotate`). */
  readonly annotates?: boolean;
}

// ---- store, sink ----------------------------------------------------------------------------------------------

/** Keeps state under string keys. Decides nothing. */
export interface Store {
  get(key: string): Promise<string | undefined>;
  /** `ttlMs`: lifetime in milliseconds; 0 = no end. */
  set(key: string, value: string, settings?: { readonly ttlMs?: number }): Promise<void>;
  delete(key: string): Promise<void>;
  /** Adds and returns the sum; a missing key counts as 0. */
  increment(key: string, by: number, settings?: { readonly ttlMs?: number }): Promise<number>;
}

/** What sinks receive. Never content, keys or matched text. */
export type SinkEvent =
  | { readonly type: "finding"; readonly session: string; readonly pipeline: string; readonly finding: Finding }
  | { readonly type: "verdict"; readonly session: string; readonly pipeline: string; readonly verdict: VerdictRecord }
  | {
      readonly type: "request-end";
      readonly session: string;
      readonly pipeline: string;
      readonly model: string;
      readonly provider: string;
      readonly stream: boolean;
      readonly path: "wire" | "parts" | "none";
      /** HTTP status that the client got. */
      readonly status: number;
      readonly outcome: "finished" | "blocked" | "failed" | "cancelled" | "rejected";
      readonly errorCode?: string;
      /** What failed and with which value, for the operator. */
      readonly errorMessage?: string;
      readonly usage?: Usage;
      readonly findings: number;
      readonly rewrites: number;
      /** Most bytes of text held back at once. */
      readonly maxHeldBytes: number;
      readonly durationMs: number;
      /** From the request to the first byte of the answer's body; -1 if there was none. */
      readonly firstByteMs: number;
      /** Time spent in the gateway before the upstream was called. */
      readonly gatewayMs: number;
    }
  /** A provider failed, and the next one was asked; the failure of the last is the request's. */
  | {
      readonly type: "provider-failure";
      readonly session: string;
      readonly pipeline: string;
      readonly provider: string;
      readonly code: string;
      /** What failed, for the operator. */
      readonly message: string;
    }
  | { readonly type: "plugin-failure"; readonly session?: string; readonly plugin: string; readonly code: string };

/** Receives events. Never slows the stream: `write` returns at once. */
export interface Sink {
  write(event: SinkEvent): void;
  /** Text for `/metrics`, if the sink has any. */
  exposition?(): string;
}

// ---- plugin ---------------------------------------------------------------------------------------------------

/** The instance type of each role. */
export interface Roles {
  transport: Transport;
  provider: Provider;
  analyser: Analyser;
  policy: Policy;
  store: Store;
  sink: Sink;
}

/** Kind of plugin. */
export type Role = keyof Roles;

/** Read by the kernel before `setup`; a plugin that does more than it declares is contained. */
export interface Capabilities {
  /** Types of parts that reach the plugin; empty for plugins that work by plan only. */
  readonly reads: readonly Part["type"][];
  /** Most bytes of text that it may hold back; 0 = never. */
  readonly holdBytes: number;
  /** Whether it works while the answer streams; false = only on whole answers, which is a config error in a streaming pipeline. */
  readonly streams: boolean;
  /** Rough cost: `native` (nanoseconds a byte), `light` (microseconds a part), `heavy` (more). */
  readonly cost: "native" | "light" | "heavy";
  /** What its failure means; analysers default to `open`, policies to `closed`. Only the config changes it. */
  readonly onFailure: "open" | "closed";
}

/** What `setup` gets. */
export interface PluginContext {
  /** `role/type/name`, as in the config. */
  readonly id: string;
  readonly log: (event: string, fields?: Readonly<Record<string, string | number | boolean>>) => void;
  /** Milliseconds, monotonic; a fake one in tests. */
  readonly now: () => number;
  /** Aborted when the kernel stops. */
  readonly signal: AbortSignal;
  /** The native core's analyses, for plugins that drive one themselves; a plan is faster where it will do. */
  readonly native: NativeCore;
  /** Resolves a `{ env }` or `{ file }` reference of this plugin's config. @throws MidStreamError CONFIG_SECRET_MISSING */
  readonly secret: (reference: SecretReference) => string;
  /** Absolute path of a file that this plugin's config names; relative ones start from the config file's folder, as everywhere. */
  readonly path: (file: string) => string;
  /** Instance that `requires` named. */
  use<R extends Role>(role: R, id: string): Roles[R];
}

/** A secret by reference, never by value. */
export type SecretReference = { readonly env: string } | { readonly file: string };

type Schema = v.GenericSchema<unknown, unknown>;

/** A plugin: data plus one function. */
export interface Plugin<R extends Role = Role, S extends Schema = Schema> {
  readonly api: 1;
  readonly role: R;
  /** Kebab-case, equals the folder's name. */
  readonly type: string;
  /** One sentence for `midstream plugins`. */
  readonly description: string;
  /** A strict object; every field has a default or is required, a description, a unit and bounds. */
  readonly config: S;
  readonly capabilities: Capabilities;
  /** Ids of instances that it uses; checked at load, set up before it. */
  requires?(config: v.InferOutput<S>): readonly string[];
  /** Acquires and returns the instance. Nothing happens at import. */
  setup(config: v.InferOutput<S>, context: PluginContext): Promise<Roles[R] & AsyncDisposable>;
}

/** Identity at run time; makes `config` and the role's methods infer. */
export const definePlugin = <R extends Role, S extends Schema>(plugin: Plugin<R, S>): Plugin<R, S> => plugin;
