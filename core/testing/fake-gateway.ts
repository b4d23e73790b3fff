/** A kernel with scripted providers and a collecting sink, for tests of everything between two doors. */
import * as v from "valibot";
import { isMidStreamError } from "../errors/midstream-error.ts";
import { createKernel } from "../kernel/create-kernel.ts";
import type { AnswerSettings, Kernel } from "../kernel/kernel.ts";
import type { Registry } from "../kernel/registry.ts";
import type { Answer, ClientSink } from "../pipeline/answer.ts";
import { definePlugin, type Plugin, type Provider, type Role, type SinkEvent } from "../plugin/contract.ts";
import type { ModelRequest } from "../stream/model-request.ts";
import { type FakeHost, fakeHost } from "./fake-host.ts";
import { type FakeNative, fakeNative } from "./fake-native.ts";
import { lineDecoder, lineRequest, linesDialect } from "./lines-dialect.ts";

/** Capabilities that promise nothing. */
export const plainCapabilities = { reads: [], holdBytes: 0, streams: true, cost: "light", onFailure: "closed" } as const;

/** A plugin of one instance, for registries. */
export function fakePlugin<R extends Role>(role: R, type: string, instance: object, more: Partial<Plugin> = {}) {
  const plugin = definePlugin({
    api: 1,
    role,
    type,
    description: `fake ${type}`,
    config: v.strictObject({ note: v.optional(v.string(), "") }),
    capabilities: plainCapabilities,
    // Any object stands for an instance: tests give what is called.
    setup: async () => ({ [Symbol.asyncDispose]: async () => {}, ...instance }) as never,
    ...more,
  });
  return async () => ({ default: plugin });
}

/** A kernel and what surrounds it. */
export interface FakeGateway {
  readonly kernel: Kernel;
  readonly host: FakeHost;
  readonly native: FakeNative;
  readonly events: SinkEvent[];
  /** Asks the kernel; `client` stands for the client's connection. */
  ask(request?: Partial<ModelRequest>, settings?: Partial<AnswerSettings>): Promise<Answer>;
}

/** A provider that opens what `open` returns. */
export const fakeProvider = (open: Provider["open"], more: Partial<Provider> = {}): Partial<Provider> => ({
  dialect: "lines",
  models: async () => [],
  addsUsage: () => false,
  decoder: lineDecoder,
  open,
  ...more,
});

/** The config that `makeGateway` starts from: all providers of the registry, in order. */
export function gatewayConfig(
  registry: Registry,
  pipeline: Readonly<Record<string, unknown>> = {},
  server: Readonly<Record<string, unknown>> = {},
) {
  const ids = (role: string) =>
    Object.keys(registry)
      .filter((type) => type.startsWith(`${role}/`))
      .map((type) => `${type}/x`);
  const lists = { providers: ids("provider"), analysers: ids("analyser"), policies: ids("policy"), sinks: ids("sink") };
  const used = [...Object.values(lists).flat(), ...ids("store"), ...ids("transport")];
  return { server, plugins: Object.fromEntries(used.map((id) => [id, {}])), pipelines: { default: { ...lists, ...pipeline } } };
}

/** Starts a kernel with these plugins. */
export async function makeGateway(
  plugins: Registry,
  config: { readonly pipeline?: Readonly<Record<string, unknown>>; readonly server?: Readonly<Record<string, unknown>> } = {},
): Promise<FakeGateway> {
  const events: SinkEvent[] = [];
  const registry = { ...plugins, "sink/collect": fakePlugin("sink", "collect", { write: (event: SinkEvent) => events.push(event) }) };
  const host = fakeHost();
  const native = fakeNative();
  const kernel = createKernel({ host, native, registry });
  await kernel.start(gatewayConfig(registry, config.pipeline, config.server));
  return {
    kernel,
    host,
    native,
    events,
    ask: (request = {}, settings = {}) =>
      kernel.answer(lineRequest(request), { dialect: linesDialect, signal: new AbortController().signal, id: "s1", ...settings }),
  };
}

/** A client that keeps what it gets and can be slow. */
export class FakeClient implements ClientSink {
  text = "";
  writes = 0;
  /** Pending writes are let go by `read`. */
  isSlow = false;
  private release: (() => void) | undefined;

  write(bytes: Uint8Array): void | Promise<void> {
    this.writes += 1;
    this.text += new TextDecoder().decode(bytes);
    if (!this.isSlow) return undefined;
    return new Promise((resolve) => {
      this.release = resolve;
    });
  }

  read(): void {
    this.release?.();
    this.release = undefined;
  }
}

/** What a request failed with: a code of MidStream's, the name of another error, or `none`. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "none";
  } catch (error) {
    return isMidStreamError(error) ? error.code : (error as Error).name;
  }
}

/** The ends of requests among what sinks got. */
export const endOf = (events: readonly { type: string }[]) =>
  events.filter((event) => event.type === "request-end") as unknown as Record<string, unknown>[];
