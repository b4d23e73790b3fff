import assert from "node:assert/strict";
import { test } from "node:test";
import { loadNative } from "./load.ts";
import { pinPlan } from "./test-plan.ts";

const native = loadNative();

const bytesOf = (text: string) => new TextEncoder().encode(text).length;

/** Texts of several pieces, of characters of two, three and four bytes; one more at the front moves every cut by one. */
const longTexts = ["é", "€", "😀", "a😀", "😀é€"].flatMap((part) =>
  ["", "x"].map((first) => `${first}${part.repeat(Math.ceil(70_000 / bytesOf(part)))}`),
);

test("a finding behind a text of many pieces has the place that it has in the text, whoever finds it", () => {
  const plan = native.compile(pinPlan);
  using guard = native.compileGuard({ placement: "strict", uniqueNames: false, maxBytes: 1_000_000 });
  using toxicity = native.compileDetector("toxicity", { thresholds: {}, debounce: 1, atOnce: 1 });
  for (const text of longTexts) {
    const place = `${text.slice(0, 4)}... of ${bytesOf(text)} bytes`;
    using session = plan.openSession();
    session.push(0, 0, "content", `${text} pin 1234 `);
    session.end(0, 0);
    assert.equal(session.takeFindings()[0]?.range.end, bytesOf(`${text} pin 1234`), place);

    using json = guard.open();
    assert.equal(json.push(`"${text}" x`), "broken", place);
    assert.equal(json.violation()?.offset, bytesOf(`"${text}" `), place);

    using answer = toxicity.begin({ messages: [], wantsJson: false });
    answer.push(0, 0, "content", `${text}. I will kill you. `);
    answer.end(0, 0);
    const threat = answer.take().find((found) => found.rule === "threat");
    assert.deepEqual(threat?.range, { start: bytesOf(`${text}. `), end: bytesOf(`${text}. I will kill you.`) }, place);
  }
});
