import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { loadNative } from "../../../native/bindings/load.ts";
import { compileUnits, type Unit, UnitCutter, type UnitSettings } from "./units.ts";

const native = await loadNative();

const sentence: UnitSettings = { unit: "sentence", windowChars: 200, overlapChars: 0 };

function cut(pieces: readonly string[], settings: UnitSettings = sentence): Unit[] {
  using detector = compileUnits(native, settings);
  using answer = detector.begin({ messages: [], wantsJson: false });
  const cutter = new UnitCutter(answer, { choice: 0, block: 0 }, settings.overlapChars);
  return [...pieces.flatMap((piece) => cutter.push(piece)), ...cutter.finish()];
}

const texts = (units: readonly Unit[]) => units.map(({ text }) => text);

const sentences: readonly (readonly [what: string, units: readonly string[]])[] = [
  ["marks with a space behind them", ["This is the first one.", " Here is the second!", " And the third one?"]],
  ["a decimal point or an address is no end", ["Version 2.5 of example.org came out today.", " It is a good one."]],
  ["quotes and brackets belong to the sentence", ['She said: "it is over now."', " He (of whom we spoke) left us."]],
  ["a line's end ends it too", ["A heading without a mark", "\nIts text begins here."]],
  ["marks of Chinese and Japanese need no space", ["这是第一个句子，它有足够的字数来结束。", "这是第二个句子。"]],
  ["an abbreviation or an initial is none", ["Dr. Smith met J. Doe at 5 p.m. in Paris.", " They talked."]],
  ["a short piece goes with what follows", ["1. Wash the rice well.", " 2. Cook it for ten minutes."]],
];

for (const [what, units] of sentences) {
  test(`sentences: ${what}`, () => assert.deepEqual(texts(cut([units.join("")])), units));
}

test("a sentence without an end is cut at a space before the limit, else at the limit", () => {
  assert.deepEqual(texts(cut(["one two three four five six"], { ...sentence, windowChars: 20 })), ["one two three four", " five six"]);
  assert.deepEqual(
    texts(cut(["x".repeat(45)], { ...sentence, windowChars: 20 })).map(({ length }) => length),
    [20, 20, 5],
  );
});

test("windows advance by what they do not repeat, and no character is halved", () => {
  const window: UnitSettings = { unit: "window", windowChars: 20, overlapChars: 4 };
  const units = cut(["abcdefghijklmno😀qrstuvwxyz"], window);
  assert.deepEqual(texts(units), ["abcdefghijklmno", "😀qrstuvwxyz"]);
  assert.deepEqual(
    units.map(({ overlap }) => overlap),
    ["", "lmno"],
  );
});

test("a final unit is all of the text", () => {
  assert.deepEqual(texts(cut(["One. ", "Two. ", "Three."], { unit: "final", windowChars: 1_000, overlapChars: 0 })), ["One. Two. Three."]);
});

const anyText = fc
  .array(fc.constantFrom("word ", "Sentence ends. ", "😀", "é", "。", "\n", "!", "x".repeat(30), '."', "long-word-"), { maxLength: 30 })
  .map((pieces) => pieces.join(""));
const anySettings = fc.record({
  unit: fc.constantFrom("sentence" as const, "window" as const, "final" as const),
  windowChars: fc.integer({ min: 16, max: 60 }),
  overlapChars: fc.integer({ min: 0, max: 8 }),
});

test("units do not depend on how the text came, lose nothing of it and stay within their bounds", () => {
  fc.assert(
    fc.property(anyText, anySettings, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (text, settings, steps) => {
      const pieces: string[] = [];
      const characters = [...text];
      for (let turn = 0; characters.length > 0; turn += 1) pieces.push(characters.splice(0, steps[turn % steps.length] ?? 1).join(""));
      const units = cut(pieces, settings);
      assert.deepEqual(units, cut([text], settings));
      assert.equal(texts(units).join(""), text);
      let at = 0;
      let before = "";
      for (const unit of units) {
        assert.deepEqual([unit.start, unit.end], [at, at + Buffer.byteLength(unit.text)]);
        assert.ok(unit.text.length + unit.overlap.length <= settings.windowChars + (settings.unit === "final" ? settings.overlapChars : 0));
        assert.ok(before.endsWith(unit.overlap) && unit.text.isWellFormed() && unit.overlap.isWellFormed());
        before += unit.text;
        at = unit.end;
      }
    }),
    { seed: 20_261_126, numRuns: 500 },
  );
});

test("a block that goes on after its end is cut on", () => {
  using detector = compileUnits(native, sentence);
  using answer = detector.begin({ messages: [], wantsJson: false });
  const cutter = new UnitCutter(answer, { choice: 0, block: 0 }, 0);
  const units = [...cutter.push("This is the fïrst text"), ...cutter.finish(), ...cutter.push(" and this more."), ...cutter.finish()];
  assert.deepEqual(
    units.map(({ start, end, text }) => [start, end, text]),
    [
      [0, 23, "This is the fïrst text"],
      [23, 38, " and this more."],
    ],
  );
  assert.deepEqual(cutter.finish(), []);
});

test("a long text costs time in proportion to its length", () => {
  using detector = compileUnits(native, { ...sentence, windowChars: 16_384 });
  using answer = detector.begin({ messages: [], wantsJson: false });
  const cutter = new UnitCutter(answer, { choice: 0, block: 0 }, 0);
  let units = 0;
  // Were the text scanned anew for each delta, this would be 10^10 steps.
  for (let delta = 0; delta < 100_000; delta += 1) units += cutter.push("words ").length;
  assert.ok(units > 30);
});
