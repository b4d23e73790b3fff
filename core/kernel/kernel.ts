/** The kernel as the doors see it. */
import type { Config, ServerConfig } from "../config/schema.ts";
import type { MidStreamError } from "../errors/midstream-error.ts";
import type { NativeCore } from "../native/native-core.ts";
import type { Answer } from "../pipeline/answer.ts";
import type { Dialect } from "../pipeline/dialect.ts";
import type { Cancellation } from "../plugin/cancellation.ts";
import type { Capabilities, ModelInfo, Role, SecretReference } from "../plugin/contract.ts";
import type { ModelRequest } from "../stream/model-request.ts";
import type { CallStats } from "./guard.ts";
import type { Registry } from "./registry.ts";

/** The outside world, as far as the kernel needs it. The adapter implements it once; tests have a fake one. */
export interface KernelHost {
  /** Milliseconds, monotonic. */
  now(): number;
  /** Calls back every `ms` until the returned function is called. Must not keep the process alive by itself. */
  every(ms: number, callback: () => void): () => void;
  /** Calls back once, after whatever else has come by now has been read. */
  soon(callback: () => void): void;
  /** Value of a secret, or undefined where there is none. */
  secret(reference: SecretReference): string | undefined;
  /** Absolute path of a file that the config names, relative to the config file. */
  path(file: string): string;
  /** Imports a module that the config names: a path relative to the config file, or a package. */
  importModule(specifier: string): Promise<unknown>;
  /** Operator's log. */
  log(event: string, fields: Readonly<Record<string, string | number | boolean>>): void;
}

/** What a kernel is made of. */
export interface KernelSettings {
  readonly native: NativeCore;
  readonly host: KernelHost;
  /** Built-in plugins; `plugins/registry.gen.ts`. */
  readonly registry: Registry;
  /** The door's look at its part of a config, before anything is set up. @throws MidStreamError CONFIG_* */
  checkServer?(server: ServerConfig): void;
}

/** What a door says about one request. */
export interface AnswerSettings {
  readonly dialect: Dialect;
  /** Aborted when the client leaves. */
  readonly signal: Cancellation | AbortSignal;
  /** The session's id, unique. */
  readonly id: string;
  /** The status that the door gives a request which failed so, for the records of sinks. */
  statusOf?(error: MidStreamError): number;
  /** The session has closed, whatever became of it; called once. Never called for a request that got no session. */
  onClose?(): void;
}

/** One instance, for the start screen and `midstream plugins`. */
export interface InstanceDescription {
  readonly id: string;
  readonly role: Role;
  readonly description: string;
  readonly capabilities: Capabilities;
  /** Rules of its native plan; 0 where it has none. */
  readonly rules: number;
  /** Its calls so far, as the guard counted them. */
  readonly calls?: Readonly<CallStats>;
}

/** One pipeline, for the start screen. */
export interface PipelineDescription {
  readonly name: string;
  readonly providers: readonly InstanceDescription[];
  readonly analysers: readonly InstanceDescription[];
  readonly policies: readonly InstanceDescription[];
  readonly sinks: readonly InstanceDescription[];
  /** The path that its streams take where the client's dialect is the vendor's. */
  readonly path: "wire" | "parts";
  /** Rules of all its analysers. */
  readonly rules: number;
  /** Bytes of the compiled rules. */
  readonly memoryBytes: number;
}

/** What is running. */
export interface KernelDescription {
  readonly server: ServerConfig;
  /** 1 after the start, one more for each reload. */
  readonly revision: number;
  readonly pipelines: readonly PipelineDescription[];
  /** Requests under way. */
  readonly sessions: number;
}

/** The kernel. */
export interface Kernel {
  /** Checks the config, sets everything up. @throws MidStreamError CONFIG_*, SETUP_*; then nothing is left behind. */
  start(config: Config | unknown): Promise<void>;
  /** Lets sessions end until `server.drainMs` has passed, then cuts them; disposes in reverse. Idempotent. @throws AggregateError */
  stop(): Promise<void>;
  /** Replaces the running config, atomically. @throws MidStreamError CONFIG_*, SETUP_*; then the last good one keeps serving. */
  reload(config: Config | unknown): Promise<void>;
  /** Answers one request. @throws MidStreamError REQUEST_*, PROVIDER_*, PLUGIN_*, KERNEL_*; AbortError where the client left. */
  answer(request: ModelRequest, settings: AnswerSettings): Promise<Answer>;
  /** Models of all pipelines' providers; a provider that cannot say is left out. */
  models(signal: AbortSignal): Promise<readonly ModelInfo[]>;
  /** Whether requests are accepted. */
  ready(): boolean;
  /** Text of all sinks that have one, for `/metrics`. */
  exposition(): string;
  describe(): KernelDescription;
}
