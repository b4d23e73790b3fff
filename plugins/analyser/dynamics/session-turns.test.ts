import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { loadNative } from "../../../native/bindings/load.ts";
import { SessionTurns, type TurnFound, type TurnSettings } from "./session-turns.ts";
import { CallText, type Turn, TurnText } from "./turn.ts";

const { temporal } = await loadNative();
const defaults: TurnSettings = { turnSimilarity: 0.9, turnRepeats: 3, shrinkTurns: 5, regimes: false };

const say = (text: string, seconds?: number): Turn => {
  const said = new TurnText();
  said.push(text);
  return said.turn([], seconds);
};

const call = (...calls: (readonly [name: string, input: string])[]): Turn => {
  const keys = calls.map(([name, input]) => {
    const made = new CallText(name);
    made.push(input);
    return made.key();
  });
  return new TurnText().turn(keys);
};

/** What each turn of a session made certain. */
function run(turns: readonly Turn[], settings: Partial<TurnSettings> = {}): (readonly TurnFound[])[] {
  const session = new SessionTurns({ ...defaults, ...settings }, temporal);
  return turns.map((turn) => {
    const found = session.look(turn);
    session.take(turn);
    return found;
  });
}

const rulesOf = (found: readonly (readonly TurnFound[])[]) => found.map((each) => each.map(({ rule }) => rule).join());
const times = <T>(count: number, make: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));

/** Park and Miller's generator, below `bound`. */
function random(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state * 16_807) % 2_147_483_647;
    return state % bound;
  };
}

test("the same tool call is a loop when it has followed the first one three times, and counts on", () => {
  const found = run(times(6, () => call(["search", '{"q":"a"}'])));
  assert.deepEqual(rulesOf(found), ["", "", "", "turn-loop", "turn-loop", "turn-loop"]);
  assert.deepEqual(found[3], [{ rule: "turn-loop", score: 1, data: { period: 1, copies: 4, turns: 4, of: "tool-calls" } }]);
  assert.equal(found[5]?.[0]?.data.copies, 6);
});

test("A-B-A-B is a loop of period two, A-B-C of three", () => {
  const alternating = run(times(8, (at) => call(["read", `{"file":${at % 2}}`])));
  assert.deepEqual(rulesOf(alternating).slice(-2), ["", "turn-loop"]);
  assert.deepEqual(alternating[7]?.[0]?.data, { period: 2, copies: 4, turns: 8, of: "tool-calls" });
  const three = run(times(12, (at) => call(["read", `{"file":${at % 3}}`])));
  assert.deepEqual([three[10], three[11]?.[0]?.data.period], [[], 3]);
});

test("a call, its answer and the call again are a loop, whatever is said beside the calls", () => {
  const found = run(times(8, (at) => (at % 2 === 0 ? call(["search", "{}"]) : say("Nothing was found, so I will search again."))));
  assert.deepEqual(found[7], [{ rule: "turn-loop", score: 1, data: { period: 2, copies: 4, turns: 8, of: "answer" } }]);
});

test("pages of a list are no loop, nor is a turn that calls the tool once more", () => {
  assert.deepEqual(rulesOf(run(times(20, (page) => call(["list", `{"page":${page}}`])))).join(""), "");
  const grows = run(times(8, (count) => call(...times(count + 1, (at) => ["read", `{"file":${at}}`] as const))));
  // Each begins with the calls of the one before: that is the same again, and more.
  assert.equal(rulesOf(grows).at(-1), "turn-loop");
  const shrinks = run(times(8, (count) => call(...times(8 - count, (at) => ["read", `{"file":${at}}`] as const))));
  assert.deepEqual(rulesOf(shrinks).join(""), "");
});

test("answers that differ in a number are the same, answers that differ in every tenth word are not quite", () => {
  const words = (seed: number) => times(40, (at) => (at % 8 === 3 ? `x${seed * 40 + at}` : `w${at}`)).join(" ");
  const same = run(times(5, (at) => say(`Attempt ${at} has failed because the pump does not answer, so I try it once more now.`)));
  assert.equal(rulesOf(same)[3], "turn-loop");
  assert.ok((same[3]?.[0]?.score ?? 0) > 0.9 && (same[3]?.[0]?.score ?? 1) < 1);
  assert.deepEqual(rulesOf(run(times(5, (at) => say(words(at))))).join(""), "");
});

test("another turn between ends the run", () => {
  const turns = times(8, (at) => call(["search", at === 3 || at === 6 ? '{"q":"b"}' : '{"q":"a"}']));
  assert.deepEqual(rulesOf(run(turns)).join(""), "");
});

test("answers that say in other order what earlier ones said are of low novelty", () => {
  const next = random(5);
  const sentences = times(12, (at) => `Sentence number ${at} of this pool is about the valve ${at} and nothing else.`);
  const turns = times(12, () => say(times(6, () => sentences[next(12)]).join(" ")));
  const found = run(turns);
  assert.equal(rulesOf(found).at(-1), "turn-low-novelty");
  assert.ok((found.at(-1)?.[0]?.score ?? 0) > 0.8);
  const fresh = run(times(12, () => say(times(40, () => `w${next(3000)}`).join(" "))));
  assert.deepEqual(rulesOf(fresh).join(""), "");
});

test("answers that become shorter five times, to half of the first, shrink", () => {
  const next = random(3);
  const long = (count: number) => say(times(count, () => `w${next(5000)}`).join(" "));
  const found = run([200, 160, 130, 100, 90, 60].map(long));
  assert.deepEqual(rulesOf(found), ["", "", "", "", "", "turn-shrink"]);
  assert.equal(found[5]?.[0]?.data.turns, 6);
  assert.deepEqual(rulesOf(run([200, 190, 180, 170, 160, 150, 140].map(long))).join(""), "");
  assert.deepEqual(rulesOf(run([200, 160, 130, 131, 90, 60].map(long))).join(""), "");
});

test("looking changes nothing: a turn is counted when it is taken", () => {
  const session = new SessionTurns(defaults, temporal);
  const turn = call(["search", "{}"]);
  for (let at = 0; at < 10; at += 1) assert.deepEqual(session.look(turn), []);
  for (let at = 0; at < 3; at += 1) session.take(turn);
  assert.equal(session.look(turn).length, 1);
});

test("turns that have been count as if they had been taken, and few of them are looked at", () => {
  const texts = [
    "I look at the pump again now, and again, because it does not answer me at all today.",
    "Done.",
    "Nothing was found here, so I will search once more in the other place.",
  ];
  const turn = fc.oneof(
    fc.constantFrom(...texts).map((text) => say(text)),
    fc.constantFrom("{}", '{"page":1}').map((input) => call(["search", input])),
    fc.integer({ min: 1, max: 40 }).map((count) => say("pump ".repeat(count))),
  );
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 30 }), turn, (turns, next) => {
      const settings = { ...defaults, turnRepeats: 2, shrinkTurns: 3 };
      const taken = new SessionTurns(settings, temporal);
      for (const each of turns) taken.take(each);
      const resumed = SessionTurns.after({ settings, temporal }, turns.length, (back) => turns.at(-back - 1) ?? next);
      for (let round = 0; round < 3; round += 1) {
        assert.deepEqual(resumed.look(next), taken.look(next));
        assert.equal(resumed.mayCloseCallLoop, taken.mayCloseCallLoop);
        resumed.take(next);
        taken.take(next);
      }
    }),
  );
  const next = random(3);
  const chat = times(64, () => say(times(50, () => `w${next(9000)}`).join(" ")));
  const looked = new Set<number>();
  SessionTurns.after({ settings: defaults, temporal }, chat.length, (back) => {
    looked.add(back);
    return chat.at(-back - 1) as Turn;
  });
  assert.ok(looked.size <= 10, String(looked.size));
});

test("only a session whose next call may close a loop says so", () => {
  const session = new SessionTurns(defaults, temporal);
  const may = times(5, (at) => {
    session.take(at < 4 ? call(["search", "{}"]) : say("Done."));
    return session.mayCloseCallLoop;
  });
  assert.deepEqual(may, [false, false, true, true, false]);
});

test("regimes come at 256 turns and every 64 after, are labelled exploratory, and only where they are asked for", () => {
  const next = random(11);
  const turnOf = (at: number) => say(times(20 + 10 * (at % 4), () => `w${next(5000)}`).join(" "), 1 + next(1000) / 1000);
  for (const regimes of [true, false]) {
    const session = new SessionTurns({ ...defaults, regimes }, temporal);
    const due = times(330, (at) => {
      session.take(turnOf(at));
      return session.takeDue().length;
    });
    const told = due.flatMap((count, at) => (count > 0 ? [at + 1] : []));
    // The first answer has no novelty and no drift, so these series are a turn behind.
    assert.deepEqual(told, regimes ? [256, 257, 320, 321] : []);
  }
  const session = new SessionTurns({ ...defaults, regimes: true }, temporal);
  for (let at = 0; at < 257; at += 1) session.take(turnOf(at));
  const due = session.takeDue();
  assert.deepEqual(due.map(({ data }) => data.series).sort(), ["answer-bytes", "answer-drift", "answer-novelty", "answer-seconds"]);
  assert.ok(due.every(({ rule, data }) => rule === "exploratory-regime" && data.exploratory === true && data.scope === "session"));
  assert.equal(due.find(({ data }) => data.series === "answer-seconds")?.data.verdict, "stochastic");
  assert.deepEqual(session.takeDue(), []);
});

test("a session stays small however long it lasts", () => {
  const session = new SessionTurns({ ...defaults, regimes: true }, temporal);
  const next = random(2);
  for (let at = 0; at < 600; at += 1) session.take(say(times(400, () => `w${next(9000)}`).join(" "), 1));
  // Typed arrays by their bytes, numbers by their digits, which is more than they take.
  const text = JSON.stringify(session, (key, value) =>
    key === "temporal"
      ? undefined
      : value instanceof Map
        ? [...value]
        : value instanceof Uint32Array
          ? "x".repeat(value.byteLength)
          : value,
  );
  assert.ok(text.length < 64_000, String(text.length));
});
