import assert from "node:assert/strict";
import { test } from "node:test";
import { loadNative } from "../../../native/bindings/load.ts";
import { analyserPlan } from "../plan.ts";
import { run, textOf } from "./pii-shapes.ts";
import { gated, reported } from "./pii-values.ts";
import { Numbers } from "./secret-values.ts";

test("personal data of every form is found in every place, and what looks like it is not, as far as the gates say", async () => {
  const native = await loadNative();
  const plan = native.compile({ analysers: [await analyserPlan("pii")], actions: [] });
  const { failures, gates } = await run((_, text) => plan.scan(text));
  assert.deepEqual(failures, []);
  assert.ok(gates > 35);
});

test("values made have the check digits that their documents ask for", () => {
  const numbers = new Numbers(3);
  const made = (kind: string): string[] => gated.filter((each) => each.kind === kind).map(({ make }) => make(numbers));
  for (const card of made("card in groups")) {
    const digits = [...card.replaceAll(/\D/g, "")].reverse().map(Number);
    const sum = digits.reduce((total, digit, at) => total + (at % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2), 0);
    assert.equal(sum % 10, 0, card);
  }
  for (const account of made("IBAN")) {
    const joined = account.replaceAll(" ", "");
    const value = [...(joined.slice(4) + joined.slice(0, 4))].map((sign) => Number.parseInt(sign, 36)).join("");
    assert.equal(BigInt(value) % 97n, 1n, account);
  }
});

test("the ranges of a text are those of its value, in bytes", () => {
  const { text, ranges } = textOf("chinese", "", "x@y.de");
  assert.deepEqual(
    ranges.map(([start, end]) => Buffer.from(text).subarray(start, end).toString()),
    ["x@y.de"],
  );
  assert.equal(textOf("question", "", "x@y.de").ranges.length, 2);
  assert.equal(new Set([...gated, ...reported].map(({ kind }) => kind)).size > 10, true);
});
