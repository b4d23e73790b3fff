import assert from "node:assert/strict";
import { test } from "node:test";
import { isMidStreamError } from "../../core/errors/midstream-error.ts";
import type { RuleSet, RuleVerdict } from "../../core/native/rules.ts";
import { loadNative } from "./load.ts";

const native = loadNative();
const compile = (...formulas: string[]): RuleSet =>
  native.compileRules(formulas.map((formula, index) => ({ id: `r${index}`, formula, semantics: "stream" })));

/** The letter of names; signals are given as `name=value`. */
function letter(set: RuleSet, names: readonly string[]) {
  let [low, high] = [0, 0];
  for (const [bit, { name, comparison }] of set.atoms.entries()) {
    if (comparison !== undefined || !names.includes(name)) continue;
    if (bit < 32) low |= 1 << bit;
    else high |= 1 << (bit - 32);
  }
  return { low, high };
}

/** Verdicts of the only rule after each position. */
function verdicts(formula: string, trace: readonly (readonly string[])[]): RuleVerdict[] {
  using set = compile(formula);
  using bank = set.open();
  let current: RuleVerdict = "presumably-true";
  return trace.map((names, index) => {
    for (const change of bank.step(index, letter(set, names))) current = change.verdict;
    return current;
  });
}

test("verdicts along a trace are those of the published table", () => {
  const short = (formula: string, trace: readonly (readonly string[])[]) =>
    verdicts(formula, trace)
      .map((verdict) => (verdict === "true" ? "T" : verdict === "false" ? "F" : "?"))
      .join("");
  assert.equal(short("G p", [["p"], ["p"], [], ["p"]]), "??FF");
  assert.equal(short("F p", [[], [], ["p"], []]), "??TT");
  assert.equal(short("p U q", [["p"], [], ["q"]]), "?FF");
  assert.equal(short("G(p -> X(!p U q))", [["p"], [], ["q"], ["p"], ["p"]]), "????F");
});

test("a time bound decides as soon as it has run out, without a position", () => {
  using set = compile("G(tool-call -> F[0,30s] tool-result)");
  using bank = set.open();
  bank.step(1_000, letter(set, ["tool-call"]));
  assert.deepEqual(bank.advance(30_000), []);
  assert.deepEqual(bank.advance(32_000), [{ rule: 0, verdict: "false" }]);
  assert.deepEqual(bank.advance(40_000), []);
});

test("the end makes of what is presumed what it is", () => {
  using set = compile("G(p -> F s)", "F p", "G !s");
  using bank = set.open();
  bank.step(0, letter(set, ["p"]));
  assert.deepEqual(bank.finish(), [
    { rule: 0, verdict: "false" },
    { rule: 2, verdict: "true" },
  ]);
});

test("64 atoms fit in a letter, on both of its halves", () => {
  const names = Array.from({ length: 64 }, (_, index) => `p${index}`);
  using set = compile(...names.map((name) => `G !${name}`));
  assert.equal(set.atoms.length, 64);
  for (const [rule, name] of [...names.entries()].filter(([index]) => [0, 31, 32, 63].includes(index))) {
    using bank = set.open();
    assert.deepEqual(bank.step(0, letter(set, [name])), [{ rule, verdict: "false" }]);
  }
});

test("comparisons on signals are atoms with operator and bound", () => {
  using set = compile("G !(toxicity.score > 0.8)");
  assert.deepEqual(set.atoms, [{ name: "toxicity.score", comparison: { operator: ">", bound: 0.8 } }]);
});

test("a rule that can never get a verdict on a stream is compiled with a warning that says what to write", () => {
  using set = compile("G(call -> F result)", "G !p");
  const [response, safety] = set.reports;
  assert.equal(response?.class, "never");
  assert.match(response?.warning ?? "", /F\[0,30s\]/);
  assert.deepEqual([safety?.class, safety?.warning], ["safety", ""]);
});

test("a broken rule comes with a proof: the trace, and what decided", () => {
  using set = compile("G(p -> X !p)", "G !q");
  using bank = set.open();
  for (const names of [[], ["p"], ["p"]]) bank.step(0, letter(set, names));
  const proof = bank.certificate(0) as { readonly formula: string; readonly verdict: boolean; readonly trace: readonly unknown[] };
  assert.equal(proof.verdict, false);
  assert.equal(proof.formula, set.reports[0]?.formula);
  assert.ok(proof.trace.length >= 2);
  assert.equal(bank.certificate(1), undefined);
  assert.throws(() => bank.certificate(2), isMidStreamError);
});

test("rules that contradict each other, never fire or add nothing are told, with a trace that shows it", () => {
  using set = compile("G(p -> q)", "G(p -> !q)", "F(r | !r)", "G(p -> (q | r))");
  const told = set.conflicts().map(({ kind, first, second }) => `${kind} ${first} ${second}`);
  assert.ok(told.includes("contradiction-on-trigger 0 1"), told.join());
  assert.ok(told.includes("never-fires 2 2"), told.join());
  assert.ok(told.includes("implies 0 3"), told.join());
  using fine = compile("G !a", "G !b");
  assert.deepEqual(fine.conflicts(), []);
});

test("a formula that is none names the rule, the place and the remedy", () => {
  for (const formula of ["G(", "p U", "F[5s,1s] p", "p q", "", "G ".repeat(10_000)]) {
    try {
      compile("F p", formula)[Symbol.dispose]();
      assert.fail(`took ${formula.slice(0, 20)}`);
    } catch (error) {
      assert.ok(isMidStreamError(error), String(error));
      assert.equal(error.code, "CONFIG_RULE_INVALID");
      assert.match(error.message, /^rule "r1"/);
    }
  }
});

test("times that are none, and calls on a closed bank, are errors or nothing, never a crash", () => {
  using set = compile("G(p -> F[0,1s] q)");
  const bank = set.open();
  for (const time of [Number.NaN, -1, Number.POSITIVE_INFINITY, 1e300]) bank.step(time, { low: 1, high: 0 });
  bank[Symbol.dispose]();
  bank[Symbol.dispose]();
  assert.throws(() => bank.step(0, { low: 0, high: 0 }), isMidStreamError);
});
