/** Any cutting of a stream into chunks, any mixture of choices and blocks, gives the outcome of the whole text. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Finding } from "../stream/finding.ts";
import { block, fakePlan, planPolicy, redact, runParts, wordAnalyser } from "../testing/fake-plan.ts";

const seed = 20_261_121;

const words = ["ab", "abc", "bca", "ca ab", "é", "aé"];
const plan = fakePlan({
  analysers: {
    "analyser/one/x": wordAnalyser({ ONE: ["abc", "é"] }),
    "analyser/two/x": wordAnalyser({ TWO: ["bca", "ca ab"], THREE: ["aé"] }),
  },
  policies: { "policy/redact/r": planPolicy([redact("one", "three"), { ...redact("two"), minCount: 2 }]) },
});
const blocking = fakePlan({
  analysers: { "analyser/one/x": wordAnalyser({ ONE: ["abc", "é"] }), "analyser/two/x": wordAnalyser({ TWO: ["bca", "ca ab"] }) },
  policies: { "policy/redact/r": planPolicy([redact("one")]), "policy/block/b": planPolicy([{ ...block("two"), minCount: 2 }]) },
});

const text = fc.array(fc.constantFrom(...words, " ", "a", "b", "x"), { maxLength: 12 }).map((pieces) => pieces.join(""));
const line = fc.tuple(fc.constantFrom("t0", "t1", "r0", "k0"), text).map(([mark, delta]) => `${mark} ${delta}`);
const stream = fc.array(line, { minLength: 1, maxLength: 12 }).map((lines) => [...lines, "e0", "e1", "."]);

const run = (of: typeof plan, lines: readonly string[], chunk: number) => {
  const { out, records, state, failures } = runParts(of, lines, { chunk, choiceCount: 2 });
  return { out, records, failures, held: state.heldBytes };
};

test("every chunking gives the same bytes and the same records", () => {
  for (const of of [plan, blocking]) {
    fc.assert(
      fc.property(stream, fc.integer({ min: 1, max: 40 }), (lines, chunk) => {
        assert.deepEqual(run(of, lines, chunk), run(of, lines, 1_000_000));
      }),
      { seed, numRuns: 300 },
    );
  }
});

/** Texts of each block, joined, from lines. */
function texts(lines: readonly string[]): Map<string, string> {
  const joined = new Map<string, string>();
  for (const each of lines) if (/^[trk]/.test(each)) joined.set(each.slice(0, 2), (joined.get(each.slice(0, 2)) ?? "") + each.slice(3));
  return joined;
}

test("what is not found leaves as it came, and every block's text is the whole text with its edits", () => {
  fc.assert(
    fc.property(stream, (lines) => {
      const clean = lines.map((each) => each.replaceAll(/abc|bca|ca ab|é/g, "x"));
      assert.deepEqual(run(plan, clean, 3).out, clean);
      // One frame for each block: nothing is split, so nothing depends on how text was spread over frames.
      const whole = [...texts(lines)].map(([mark, all]) => `${mark} ${all}`);
      const spread = run(plan, lines, 1);
      assert.equal(spread.held, 0);
      const findings = (of: ReturnType<typeof run>) => of.records.map(({ finding }) => key(finding)).sort();
      assert.deepEqual(findings(spread), findings(run(plan, [...whole, "e0", "e1", "."], 1)));
    }),
    { seed, numRuns: 300 },
  );
});

const key = (finding: Finding | undefined): string =>
  finding === undefined ? "" : `${finding.choice}/${finding.block} ${finding.rule} ${finding.range.start}-${finding.range.end}`;
