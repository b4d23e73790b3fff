/** The conformance suite of analysers: it tests what a plugin declares. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { NativeCore } from "../../core/native/native-core.ts";
import { utf8Length } from "../../core/pipeline/byte-text.ts";
import type { Analyser, Plugin } from "../../core/plugin/contract.ts";
import type { Channel } from "../../core/stream/part.ts";
import { testSession } from "../../core/testing/session.ts";
import { chunkings } from "./chunkings.ts";
import { findingsOf, planOf, runText } from "./pipeline.ts";
import { instanceId, type PluginSettings, setUpPlugin, testPlugin } from "./plugin.ts";

/** One text and what is in it. */
export interface AnalyserCase {
  readonly name: string;
  readonly text: string;
  /** Default: content. */
  readonly channel?: Exclude<Channel, "refusal">;
  /** The rules found, in the order of their starts; ranges are UTF-8 bytes. Not checked where absent. */
  readonly findings?: readonly { readonly rule: string; readonly start: number; readonly end: number }[];
}

/** What the suite needs. */
export interface AnalyserSettings extends PluginSettings {
  readonly cases: readonly AnalyserCase[];
  /** For analysers with a plan. */
  readonly native?: NativeCore;
}

/** Tests one analyser. Call it at the top of a test file. */
export function testAnalyser(plugin: Plugin<"analyser">, settings: AnalyserSettings): void {
  const id = instanceId(plugin);
  testPlugin(plugin, settings);

  const planned = async () => {
    const { instance } = await setUpPlugin(plugin, settings);
    // `closed` makes every containment visible.
    const member = { id, instance: instance as Analyser, capabilities: plugin.capabilities, onFailure: "closed" as const };
    return planOf({ analysers: [member], native: settings.native });
  };

  test(`${id}: names its rules once, in kebab-case, each with a tag`, async () => {
    const { rules } = await planned();
    assert.equal(new Set(rules.map((rule) => rule.rule)).size, rules.length);
    for (const { rule, tag } of rules) {
      assert.match(rule, /^[a-z0-9]+(-[a-z0-9]+)*$/);
      assert.match(tag, /^[^[\]]+$/);
    }
  });

  test(`${id}: has state that is disposed without a part`, async () => {
    const { instance } = await setUpPlugin(plugin, settings);
    const session = (instance as Analyser).begin?.(testSession());
    session?.[Symbol.dispose]?.();
  });

  for (const { name, text, channel = "content", findings } of settings.cases) {
    test(`${id}: ${name}`, async () => {
      const plan = await planned();
      const whole = runText(plan, [text], channel);
      if (findings !== undefined) {
        const found = whole.records.flatMap(({ finding }) => (finding === undefined ? [] : [finding]));
        const sorted = found.sort((a, b) => a.range.start - b.range.start || a.range.end - b.range.end);
        assert.deepEqual(
          sorted.map(({ rule, range }) => ({ rule, start: range.start, end: range.end })),
          findings,
        );
      }
      for (const { name: cut, pieces } of chunkings(text)) {
        const outcome = runText(plan, pieces, channel);
        assert.deepEqual(outcome.failures, [], `contained: ${cut}`);
        assert.equal(outcome.text, text, `an analyser changes nothing and loses nothing: ${cut}`);
        assert.deepEqual(findingsOf(outcome), findingsOf(whole), `same findings: ${cut}`);
        if ((await isTypeScriptOnly(plugin, settings)) && cut === "one character each") {
          assert.ok(outcome.maxHeldBytes <= plugin.capabilities.holdBytes + 4, "never above holdBytes");
        }
      }
      for (const { finding } of whole.records) {
        assert.ok(
          finding !== undefined && finding.range.start <= finding.range.end && finding.range.end <= utf8Length(text),
          "ranges lie in the text; that of an event is empty",
        );
        assert.ok(finding.score >= 0 && finding.score <= 1, "scores lie in [0, 1]");
      }
      plan.native[Symbol.dispose]();
    });
  }
}

/** What a plan holds is bounded by its rules' `maxBytes`, which the native core enforces. */
async function isTypeScriptOnly(plugin: Plugin<"analyser">, settings: AnalyserSettings): Promise<boolean> {
  const { instance } = await setUpPlugin(plugin, settings);
  return (instance as Analyser).plan === undefined;
}
