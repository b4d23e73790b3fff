import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CallText, TurnText } from "./turn.ts";

const turnOf = (...deltas: string[]) => {
  const text = new TurnText();
  for (const delta of deltas) text.push(delta);
  return text.turn([]);
};

const keyOf = (name: string, ...deltas: string[]) => {
  const call = new CallText(name);
  for (const delta of deltas) call.push(delta);
  return call.key();
};

/** Cuts a text at some of its characters. */
const cutText = fc
  .tuple(
    fc.array(fc.constantFrom("word ", "Two, ", "水は", "é", "😀 ", "a".repeat(900), "\n\n", "x1 "), { maxLength: 40 }),
    fc.array(fc.nat(400)),
  )
  .map(([pieces, at]) => {
    const characters = [...pieces.join("")];
    const cuts = [...new Set(at.map((one) => one % (characters.length + 1)))].sort((a, b) => a - b);
    return [0, ...cuts].map((from, index) => characters.slice(from, cuts[index] ?? characters.length).join(""));
  });

test("a turn is the same for every partition of its text", () => {
  fc.assert(
    fc.property(cutText, (deltas) => {
      assert.deepEqual(turnOf(...deltas), turnOf(deltas.join("")));
      assert.equal(keyOf("f", ...deltas), keyOf("f", deltas.join("")));
    }),
  );
});

test("words are compared in lower case, and Chinese and Japanese characters are words", () => {
  assert.deepEqual(turnOf("The PUMP stops.").words, turnOf("the pump, stops!").words);
  assert.equal(turnOf("水は好き").words.length, 4);
  assert.equal(turnOf("It cost 3.50 then").words.length, 5);
  assert.notDeepEqual(turnOf("valve").words, turnOf("value").words);
});

test("a long answer is remembered by its bytes and by 256 words of its two ends", () => {
  const words = Array.from({ length: 5000 }, (_, at) => `w${at}`);
  const turn = turnOf(words.join(" "));
  assert.equal(turn.bytes, Buffer.byteLength(words.join(" ")));
  assert.equal(turn.words.length, 256);
  assert.deepEqual(turn.words.slice(0, 128), turnOf(words.slice(0, 128).join(" ")).words);
  assert.deepEqual(turn.words.slice(-100), turnOf(words.slice(-100).join(" ")).words);
});

test("calls are equal by name and value, not by how their arguments are written", () => {
  assert.equal(keyOf("search", '{"q":"a","n":1}'), keyOf("search", '{ "n": 1.0, ', '"q" : "\\u0061" }'));
  const different = [
    keyOf("search", '{"q":"a","n":1}'),
    keyOf("find", '{"q":"a","n":1}'),
    keyOf("search", '{"q":"a","n":2}'),
    keyOf("search", '{"q":"a"}'),
    keyOf("search", '[["n",1],["q","a"]]'),
    keyOf("search", '{"of":[["n",1],["q","a"]]}'),
    keyOf("search", "{"),
    keyOf("search", ""),
  ];
  assert.equal(new Set(different).size, different.length);
});

test("arguments that are huge, deep or no JSON are compared as they are written, and stop nothing", () => {
  for (const text of ["[".repeat(60_000), `${"[".repeat(5000)}${"]".repeat(5000)}`, '{"a":', `"${"x".repeat(100_000)}"`]) {
    assert.equal(keyOf("f", text), keyOf("f", text.slice(0, 10), text.slice(10)));
    assert.notEqual(keyOf("f", text), keyOf("f", `${text} `));
  }
});
