/** The conformance suite of policies: the same verdicts for every cutting of the text, nothing lost, nothing done in monitor mode. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { NativeCore } from "../../core/native/native-core.ts";
import { sliceBytes, utf8Length } from "../../core/pipeline/byte-text.ts";
import type { Analyser, Plugin, Policy } from "../../core/plugin/contract.ts";
import { testSession } from "../../core/testing/session.ts";
import { chunkings } from "./chunkings.ts";
import { planOf, runText } from "./pipeline.ts";
import { instanceId, type PluginSettings, setUpPlugin, testPlugin } from "./plugin.ts";

/** One text, what analysers saw in it, and what must leave. */
export interface PolicyCase {
  readonly name: string;
  /** Overrides the suite's config. */
  readonly config?: unknown;
  readonly text: string;
  /** Stands for what an analyser of type `found` reports; ranges are UTF-8 bytes. */
  readonly findings: readonly {
    readonly rule: string;
    readonly tag: string;
    readonly start: number;
    readonly end: number;
    readonly score?: number;
  }[];
  /** Text that leaves. */
  readonly out: string;
  /** Message of the block, where there is one. */
  readonly blocked?: string;
}

/** What the suite needs. */
export interface PolicySettings extends PluginSettings {
  readonly cases: readonly PolicyCase[];
  readonly native?: NativeCore;
}

/** Reports given findings when their text is complete, and holds it back until then. */
function reporter(findings: PolicyCase["findings"]): Analyser {
  return {
    begin() {
      let total = 0;
      let reported = 0;
      const sorted = [...findings].sort((a, b) => a.start - b.start);
      return {
        push(part) {
          if (!("delta" in part)) return [];
          total += utf8Length(part.delta);
          const ready = sorted.slice(reported).filter((finding) => finding.end <= total);
          reported += ready.length;
          return ready.map(({ rule, tag, start, end, score = 1 }) => ({
            rule,
            tag,
            channel: "content" as const,
            choice: part.choice,
            block: part.block,
            range: { start, end },
            score,
          }));
        },
        holdFrom: () => sorted[reported]?.start,
      };
    },
  };
}

/** Tests one policy. Call it at the top of a test file. */
export function testPolicy(plugin: Plugin<"policy">, settings: PolicySettings): void {
  const id = instanceId(plugin);
  testPlugin(plugin, settings);

  const planned = async (findings: PolicyCase["findings"], config: unknown) => {
    const { instance } = await setUpPlugin(plugin, { ...settings, ...(config !== undefined && { config }) });
    const capabilities = { reads: ["text-delta"], holdBytes: 1_000_000, streams: true, cost: "light", onFailure: "closed" } as const;
    const analyser = { id: "analyser/found/x", instance: reporter(findings), capabilities, onFailure: "closed" as const };
    const policy = { id, instance: instance as Policy, capabilities: plugin.capabilities, onFailure: "closed" as const };
    return planOf({ analysers: [analyser], policies: [policy], native: settings.native });
  };

  test(`${id}: works while an answer streams, or says that it does not`, async () => {
    const { instance } = await setUpPlugin(plugin, settings);
    const policy = instance as Policy;
    assert.ok(policy.plan ?? policy.begin ?? policy.request ?? policy.annotates, "a plan, begin, request or annotates");
    const session = policy.begin?.(testSession());
    session?.[Symbol.dispose]?.();
  });

  test(`${id}: lets a text without findings pass unchanged`, async () => {
    const text = "Plain text, и немного ещё 😀.\nSecond line.";
    const plan = await planned([], undefined);
    for (const { name, pieces } of chunkings(text)) {
      const outcome = runText(plan, pieces);
      assert.deepEqual([outcome.text, outcome.blocked, outcome.failures], [text, undefined, []], name);
    }
  });

  for (const { name, config, text, findings, out, blocked } of settings.cases) {
    test(`${id}: ${name}`, async () => {
      for (const { start, end } of findings)
        assert.equal(utf8Length(sliceBytes(text, start, end)), end - start, "the case's ranges lie on characters");
      const plan = await planned(findings, config);
      for (const { name: cut, pieces } of chunkings(text)) {
        const outcome = runText(plan, pieces);
        assert.deepEqual(outcome.failures, [], cut);
        assert.equal(outcome.text, out, cut);
        assert.equal(outcome.blocked, blocked, cut);
      }
    });
  }
}
