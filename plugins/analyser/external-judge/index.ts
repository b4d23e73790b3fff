/**
 * `analyser/external-judge`: has the answer judged by a model or a service beside the stream; what it finds is a finding like any other.
 *
 * Must not know what is done about it. A judge that is slow or dead costs the stream what `mode`, `deadlineMs` and `onTimeout` say.
 */
import { definePlugin, MidStreamError, type PluginContext, type Session } from "../../../core/plugin/index.ts";
import type { Adapter } from "./adapters/adapter.ts";
import { chatGuard } from "./adapters/chat-guard.ts";
import { moderations } from "./adapters/moderations.ts";
import { pairScore } from "./adapters/pair-score.ts";
import { spanLabels } from "./adapters/span-labels.ts";
import { callJudge } from "./call.ts";
import { JudgeQueue, type QueueClock } from "./queue.ts";
import { isSampled } from "./sample.ts";
import { type JudgeConfig, judgeConfig, maxHoldBytes, unitsAhead } from "./schema.ts";
import { compileUnits } from "./units.ts";
import { Watch, type WatchSettings } from "./watch.ts";

const adapters: Readonly<Record<JudgeConfig["adapter"], (config: JudgeConfig) => Adapter>> = {
  "openai-chat-guard": chatGuard,
  "openai-moderations": moderations,
  "pair-score": pairScore,
  "span-labels": spanLabels,
};

/** Characters that a bearer key can have (RFC 6750 section 2.1, and what vendors use beyond it). */
const keyText = /^[\x21-\x7e]+$/;

function headersOf({ key, keyHeader }: JudgeConfig, context: PluginContext): readonly (readonly [string, string])[] {
  const headers: (readonly [string, string])[] = [
    ["content-type", "application/json"],
    ["accept", "application/json"],
  ];
  if (key !== undefined) {
    const value = context.secret(key);
    if (!keyText.test(value))
      throw new MidStreamError("CONFIG_SECRET_MISSING", "The judge's key is empty or has a character that no key has");
    headers.push([keyHeader, keyHeader === "authorization" ? `Bearer ${value}` : value]);
  }
  return Object.freeze(headers);
}

/** UTF-8 bytes of a UTF-16 unit at most. */
const bytesOfUnit = 3;

function watchSettings(config: JudgeConfig, context: PluginContext, clock: QueueClock): WatchSettings {
  const { unit, overlapChars, debounce, thresholds, maxHeldBytes } = config;
  const ahead = unitsAhead(config.mode);
  // No unit is longer than what may be held.
  const maxChars = Math.floor(maxHeldBytes / bytesOfUnit);
  const windowChars = unit === "final" ? maxChars : Math.min(config.windowChars, maxChars);
  const isPair = config.adapter === "pair-score" || config.adapter === "span-labels";
  const transport = context.use("transport", config.transport);
  const headers = headersOf(config, context);
  const call = { transport, url: config.url, headers, maxResponseBytes: config.maxResponseBytes };
  const reportsGaps = config.onTimeout !== "open" && ahead < Number.POSITIVE_INFINITY;
  const block = {
    unit,
    windowChars,
    overlapChars: Math.min(overlapChars, Math.floor(windowChars / 2)),
    debounce,
    thresholds,
    ahead,
    reportsGaps,
  };
  return {
    ...config,
    context: config.context ?? (isPair ? ["documents", "instructions", "user", "tool"] : []),
    block,
    units: compileUnits(context.native, block),
    adapter: adapters[config.adapter](config),
    clock,
    log: context.log,
    queue: new JudgeQueue({ ...config, clock, log: context.log, call: (body) => callJudge(call, body) }),
  };
}

const runtimeClock = (now: () => number): QueueClock => ({
  now,
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
});

/** The instance, with time as the caller has it. */
export function createJudge(config: JudgeConfig, context: PluginContext, clock: QueueClock) {
  const settings = watchSettings(config, context, clock);
  return {
    begin: (session: Session) => (isSampled(session.id, config.sample) ? new Watch(settings, session) : { push: () => [] }),
    async [Symbol.asyncDispose]() {
      settings.queue.close();
      settings.units[Symbol.dispose]();
    },
  };
}

export default definePlugin({
  api: 1,
  role: "analyser",
  type: "external-judge",
  description: "Has the answer judged beside the stream: guard models, moderation services, grounding models",
  config: judgeConfig,
  capabilities: {
    reads: ["text-delta", "text-end", "reasoning-delta", "reasoning-end", "refusal-delta", "tool-input-delta", "tool-input-end"],
    holdBytes: maxHoldBytes,
    streams: true,
    cost: "heavy",
    onFailure: "open",
  },
  requires: (config) => [config.transport],
  setup: async (config, context) => createJudge(config, context, runtimeClock(context.now)),
});
