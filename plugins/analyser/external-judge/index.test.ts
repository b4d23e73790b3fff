/** The judge beside the stream: real HTTP to stub judges that speak the real formats, on a clock that the tests move. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import type { Policy, Session } from "../../../core/plugin/contract.ts";
import type { Message } from "../../../core/stream/conversation.ts";
import { block, fakePlan, planPolicy } from "../../../core/testing/fake-plan.ts";
import { lineRequest } from "../../../core/testing/lines-dialect.ts";
import { testContext } from "../../../core/testing/plugin-context.ts";
import { loadNative } from "../../../native/bindings/load.ts";
import { DrivenAnswer } from "../../../test/judge/stream.ts";
import { type Asked, completion, moderation, type Reply, realTransport, type StubJudge, startJudge } from "../../../test/judge/stub.ts";
import judge, { createJudge } from "./index.ts";
import { isSampled } from "./sample.ts";
import { FakeClock } from "./testing.ts";

const native = await loadNative();

const good = "Rice is washed before it is cooked.";
const evil = " Then they FIGHT until one is dead.";
const calm = " After that all went home in peace.";

const conversation = (...messages: readonly (readonly [Message["role"], string])[]) => ({
  messages: messages.map(([role, text]) => ({ role, text, toolCalls: [] })),
  tools: [],
  output: { json: false },
});
const asking: Partial<Session> = { conversation: conversation(["user", "What happened?"]) };

/** Qwen3Guard that dislikes upper case. */
const guard = ({ body }: Asked): Reply => {
  const text = body.messages.at(-1).content as string;
  return {
    json: completion(
      /[A-Z]{4}/.test(text) ? "Safety: Unsafe\nCategories: Violent\nRefusal: No" : "Safety: Safe\nCategories: None\nRefusal: No",
    ),
  };
};

const stops = { "policy/block/b": planPolicy([block("external-judge/*", "stopped")]) };

interface Setting {
  readonly script?: (asked: Asked, index: number) => Reply;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly policies?: Readonly<Record<string, Policy>>;
  readonly session?: Partial<Session>;
  readonly secret?: string;
  readonly frames?: "whole" | "flow";
}

interface Judged {
  readonly judge: StubJudge;
  readonly clock: FakeClock;
  readonly logged: (readonly [string, object | undefined])[];
  open(session?: Partial<Session>, mode?: "stream" | "unary"): DrivenAnswer;
}

/** Sets one judge up and tears it down; `use` drives answers past it. */
async function judged({ script = guard, ...setting }: Setting, use: (judged: Judged) => Promise<void>): Promise<void> {
  await using stub = await startJudge(script);
  await using transport = await realTransport();
  const clock = new FakeClock();
  const logged: [string, object | undefined][] = [];
  const context = testContext("analyser/external-judge/test", {
    native,
    now: () => clock.now(),
    log: (event, fields) => logged.push([event, fields]),
    use: () => transport as never,
    secret: () => setting.secret ?? "",
  });
  const config = v.parse(judge.config, {
    adapter: "openai-chat-guard",
    url: `${stub.url}/v1/chat/completions`,
    mode: "gate",
    ...setting.config,
  });
  await using analyser = createJudge(config, context, clock);
  const plan = fakePlan({
    analysers: { "analyser/external-judge/j": analyser },
    policies: setting.policies ?? {},
    capabilities: judge.capabilities,
    ...(setting.frames && { config: { frames: setting.frames } }),
    onFailure: "closed",
  });
  await use({ judge: stub, clock, logged, open: (session = asking, mode = "stream") => new DrivenAnswer(plan, session, mode) });
}

test("behind a gate text waits for its verdict, sentence by sentence, and the end for the last", () => {
  const verdicts = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const script = (asked: Asked, index: number): Reply => ({
    ...(guard(asked) as { json: unknown }),
    when: verdicts[index]?.promise ?? Promise.resolve(),
  });
  return judged({ script }, async ({ open, judge: stub }) => {
    await using answer = open();
    answer.answer(good, calm);
    await stub.requests(2);
    assert.equal(answer.text, "");
    verdicts[1]?.resolve();
    verdicts[0]?.resolve();
    await answer.finished();
    assert.equal(answer.text, `t0 ${good}\nt0 ${calm}\ne0\n.\n`);
    assert.deepEqual(
      stub.asked.map(({ body }) => body.messages.map((message: { content: string }) => message.content)),
      [
        ["What happened?", good],
        ["What happened?", calm],
      ],
    );
  });
});

for (const frames of ["whole", "flow"] as const) {
  test(`frames ${frames}: nothing of what a judge rejects leaves, however the text came`, () =>
    judged({ policies: stops, frames }, async ({ open }) => {
      const text = good + evil + calm;
      const cuts = [[text], [...text], text.match(/.{1,7}/gs) ?? [], [good, evil, calm], [good.slice(0, 9), good.slice(9) + evil + calm]];
      for (const pieces of cuts) {
        await using answer = open();
        await answer.answer(...pieces).finished();
        assert.equal(answer.said, good);
        assert.deepEqual(answer.rules, [`violent ${good.length}-${good.length + evil.length}`]);
        assert.match(answer.text, /b0 stopped\n\.\n$/);
      }
      await using whole = open(asking, "unary");
      whole.feed(`t0 ${text}`, "e0").end("eof");
      await whole.finished();
      assert.equal(whole.said, good);
      assert.match(whole.text, /b0 stopped\n$/);
    }));
}

test("with lag(1) a sentence may leave before its verdict, and the one behind it may not", () => {
  const verdicts = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const script = (asked: Asked, index: number): Reply => ({
    ...(guard(asked) as { json: unknown }),
    when: verdicts[index]?.promise ?? Promise.resolve(),
  });
  return judged({ script, config: { mode: "lag(1)" }, policies: stops }, async ({ open, judge: stub }) => {
    await using answer = open();
    answer.feed(`t0 ${good}`, `t0 ${evil}`, `t0 ${calm}`);
    await stub.requests(2);
    assert.equal(answer.said, good);
    verdicts[0]?.resolve();
    await answer.until(() => answer.said !== good);
    assert.equal(answer.said, good + evil);
    verdicts[1]?.resolve();
    await answer.finished();
    assert.equal(answer.said, good + evil);
    assert.match(answer.text, /b0 stopped\n\.\n$/);
  });
});

test("with observe text never waits, and a verdict that comes in time is still a finding", () =>
  judged({ config: { mode: "observe" } }, async ({ open }) => {
    await using answer = open();
    answer.feed(`t0 ${good}`, `t0 ${evil}`, "t0  And");
    assert.equal(answer.said, `${good}${evil} And`);
    await answer.until(() => answer.records.length > 0);
    assert.deepEqual(answer.rules, [`violent ${good.length}-${good.length + evil.length}`]);
    answer.feed("e0", ".");
    assert.equal(answer.engine.state.done, true);
  }));

test("an observer can make the end wait, so that the last verdict is not lost", () =>
  judged(
    { config: { mode: "observe", endWaitMs: 500 }, script: () => ({ hang: "silent" }) },
    async ({ open, judge: stub, clock, logged }) => {
      await using answer = open();
      answer.answer(evil);
      assert.equal(answer.text, `t0 ${evil}\n`);
      await stub.requests(1);
      clock.advance(499);
      assert.equal(answer.engine.state.done, false);
      clock.advance(1);
      await answer.finished();
      answer.engine[Symbol.dispose]();
      assert.deepEqual(logged, [["judge-gaps", { session: "s", units: 1, judged: 0, late: 1 }]]);
    },
  ));

const failing: readonly (readonly [what: string, reply: Reply, reason: string])[] = [
  ["closes the connection", { destroy: true }, "unreachable"],
  ["never answers", { hang: "silent" }, "timeout"],
  ["stops after the head", { hang: "head" }, "timeout"],
  ["breaks off in the body", { cut: '{"choices":' }, "unreachable"],
  ["talks no JSON", { raw: "<html>busy</html>" }, "unreadable"],
  ["talks other JSON", { json: { object: "error" } }, "unreadable"],
  ["says something else", { json: completion("I cannot help with that.") }, "unreadable"],
  ["never stops talking", { json: { ...completion("Safety: Safe\nCategories: None"), padding: "x".repeat(300_000) } }, "unreadable"],
  ["limits the rate", { status: 429, json: {}, headers: { "retry-after": "2" } }, "rate-limited"],
  ["is not well", { status: 500, json: {} }, "refused"],
  ["does not know the key", { status: 401, json: {} }, "refused"],
];

for (const [what, reply, reason] of failing) {
  for (const mode of ["gate", "lag(2)", "observe"]) {
    test(`a judge that ${what} delays an answer no longer than ${mode} promises`, () =>
      judged({ script: () => reply, config: { mode }, policies: stops }, async ({ open, judge: stub, clock, logged }) => {
        await using answer = open();
        answer.answer(good, evil);
        if (mode === "gate") {
          assert.equal(answer.text, "");
          await stub.requests(2);
          if (reason === "timeout") clock.advance(2_000);
        }
        await answer.finished();
        assert.equal(answer.text, `t0 ${good}\nt0 ${evil}\ne0\n.\n`);
        answer.engine[Symbol.dispose]();
        const gaps = logged.find(([event]) => event === "judge-gaps")?.[1];
        assert.deepEqual(Object.keys(gaps ?? {}).slice(3), [mode === "gate" ? reason : "late"]);
      }));
  }

  test(`with onTimeout closed, text that a judge that ${what} did not judge is a finding`, () =>
    judged({ script: () => reply, config: { onTimeout: "closed" }, policies: stops }, async ({ open, judge: stub, clock }) => {
      await using answer = open();
      answer.answer(good, evil);
      await stub.requests(2);
      if (reason === "timeout") clock.advance(2_000);
      await answer.finished();
      assert.equal(answer.said, "");
      assert.deepEqual(answer.rules, [`no-verdict 0-${good.length}`]);
      assert.equal(answer.records[0]?.finding?.data?.reason, reason);
    }));
}

test("a judge that cannot be reached at all is left alone after a while", () =>
  judged({ config: { url: "http://127.0.0.1:1/v1/chat/completions", breaker: { failures: 2 } } }, async ({ open, logged }) => {
    await using answer = open();
    await answer.answer(good, evil, calm).finished();
    await using next = open();
    await next.answer(good).finished();
    assert.equal(next.said, good);
    assert.equal(logged.filter(([event]) => event === "judge-left-alone").length, 1);
  }));

test("with onTimeout hold a unit is sent again until it has its verdict", () => {
  const script = (asked: Asked, index: number): Reply => (index < 2 ? { status: 500, json: {} } : guard(asked));
  return judged({ script, config: { onTimeout: "hold" } }, async ({ open, judge: stub, clock }) => {
    await using answer = open();
    let retry = clock.timerOf(500);
    answer.answer(good);
    for (let failures = 0; failures < 2; failures += 1) {
      await retry;
      retry = clock.timerOf(500);
      clock.advance(500);
    }
    await answer.finished();
    assert.deepEqual([answer.said, stub.asked.length], [good, 3]);
  });
});

test("with onTimeout hold nothing is held beyond its limit", () =>
  judged(
    { config: { onTimeout: "hold", holdLimitMs: 3_000 }, policies: stops, script: () => ({ hang: "silent" }) },
    async ({ open, judge: stub, clock }) => {
      await using answer = open();
      answer.answer(good);
      await stub.requests(1);
      clock.advance(2_500);
      await stub.requests(2);
      assert.equal(answer.text, "");
      clock.advance(499);
      assert.equal(answer.engine.state.done, false);
      clock.advance(1);
      await answer.finished();
      assert.deepEqual([answer.said, answer.rules], ["", [`no-verdict 0-${good.length}`]]);
    },
  ));

test("a category must be found in so many units in a row, and behind a gate the first of them waits for the others", () => {
  const config = { debounce: 2 };
  return judged({ config, policies: stops }, async ({ open }) => {
    await using alone = open();
    await alone.answer(good, evil, calm).finished();
    assert.deepEqual([alone.said, alone.rules], [good + evil + calm, []]);
    await using apart = open();
    await apart.answer(evil, calm, evil).finished();
    assert.deepEqual([apart.said, apart.rules], [evil + calm + evil, []]);
    await using twice = open();
    await twice.answer(good, evil, evil, calm).finished();
    assert.equal(twice.said, good);
    assert.deepEqual(twice.rules, [`violent ${good.length}-${good.length + 2 * evil.length}`]);
  });
});

test("no more text is held than may be: the oldest sentences get no verdict then", () =>
  judged({ config: { maxHeldBytes: 1_024 }, script: () => ({ hang: "silent" }) }, async ({ open, logged, clock }) => {
    await using answer = open();
    for (let count = 0; count < 100; count += 1) {
      answer.feed(`t0 ${good} `);
      assert.ok(answer.engine.state.heldBytes <= 1_024 + good.length + 1);
    }
    assert.ok(answer.said.length > 2_000);
    answer.feed("e0", ".");
    clock.advance(2_000);
    await answer.finished();
    answer.engine[Symbol.dispose]();
    const gaps = logged.find(([event]) => event === "judge-gaps")?.[1] as { overrun: number };
    assert.ok(gaps.overrun > 50);
  }));

test("when the request's time is over, what is still held counts as not judged", () =>
  judged({ config: { onTimeout: "closed" }, policies: stops, script: () => ({ hang: "silent" }) }, async ({ open }) => {
    await using answer = open();
    answer.answer(good).end("timed-out");
    assert.deepEqual([answer.said, answer.rules], ["", [`no-verdict 0-${good.length}`]]);
  }));

test("an answer that ends early takes its calls back", () =>
  judged({ script: () => ({ hang: "silent" }) }, async ({ open, judge: stub, clock }) => {
    const answer = open();
    answer.feed(`t0 ${good}`, `t0 ${evil}`);
    await stub.requests(1);
    answer.engine[Symbol.dispose]();
    assert.equal(clock.pending, 0);
  }));

test("a moderation's scores are findings from the configured thresholds on", () => {
  const script = (): Reply => ({ json: moderation({ violence: 0.4, hate: 0.3, sexual: 0.9 }, 0.2) });
  const config = {
    adapter: "openai-moderations",
    model: "omni-moderation-latest",
    thresholds: { violence: 0.3, "*": 0.95 },
    key: { env: "K" },
  };
  return judged({ script, config, secret: "opensesame" }, async ({ open, judge: stub }) => {
    await using answer = open();
    await answer.answer(good).finished();
    assert.deepEqual(answer.rules, [`violence 0-${good.length}`]);
    assert.deepEqual(answer.records[0]?.finding?.data, { unit: "sentence", label: "flagged" });
    assert.equal(answer.records[0]?.finding?.score, 0.4);
    assert.equal(stub.asked[0]?.headers.authorization, "Bearer opensesame");
    assert.deepEqual(stub.asked[0]?.body, { model: "omni-moderation-latest", input: good });
  });
});

test("a pair is scored against the context of the request, and nothing is asked where there is none", () => {
  const script = ({ body }: Asked): Reply => ({
    json: { data: [{ index: 0, object: "score", score: body.text_2.includes("FIGHT") ? 0.1 : 0.9 }] },
  });
  const config = { adapter: "pair-score", model: "hhem", context: ["tool"] };
  return judged({ script, config }, async ({ open, judge: stub }) => {
    await using answer = open({ conversation: conversation(["user", "Q?"], ["tool", "First fact."], ["tool", "Second fact."]) });
    await answer.answer(good, evil).finished();
    assert.deepEqual(answer.rules, [`unsupported ${good.length}-${good.length + evil.length}`]);
    assert.deepEqual(stub.asked[0]?.body, { model: "hhem", text_1: "First fact.\n\nSecond fact.", text_2: good });
    await using without = open();
    await without.answer(good).finished();
    assert.deepEqual([without.said, stub.asked.length], [good, 2]);
  });
});

test("documents that come with a request are the context, and its messages are not", () => {
  const script = (): Reply => ({ json: { data: [{ index: 0, object: "score", score: 0.9 }] } });
  return judged({ script, config: { adapter: "pair-score" } }, async ({ open, judge: stub }) => {
    for (const context of [["One.", 2, "Two."], "One.\n\nTwo."]) {
      await using answer = open({ ...asking, request: lineRequest({ body: { context } }) });
      await answer.answer(good).finished();
    }
    assert.deepEqual(
      stub.asked.map(({ body }) => body.text_1),
      ["One.\n\nTwo.", "One.\n\nTwo."],
    );
  });
});

test("spans are findings at their own bytes, whatever stands before them and went along", () => {
  const script = ({ body }: Asked): Reply => {
    const at = [...body.answer].join("").indexOf("FIGHT");
    const start = at < 0 ? -1 : [...body.answer.slice(0, at)].length;
    return { json: { predictions: at < 0 ? [] : [{ text: "FIGHT", start, end: start + 5, hallucination_score: 0.9 }] } };
  };
  const config = { adapter: "span-labels", overlapChars: 50, windowChars: 200 };
  return judged({ script, config }, async ({ open, judge: stub }) => {
    await using answer = open();
    const first = "Рис моют, пока он 😀 не белый.";
    await answer.answer(first, evil, calm).finished();
    const start = Buffer.byteLength(first) + evil.indexOf("FIGHT");
    assert.deepEqual(answer.rules, [`hallucination ${start}-${start + 5}`]);
    assert.deepEqual(stub.asked[0]?.body, { contexts: ["What happened?"], question: "What happened?", answer: first });
    assert.ok(stub.asked[2]?.body.answer.endsWith(evil.slice(-20) + calm));
  });
});

test("a final unit waits for all of the text", () =>
  judged({ config: { unit: "final" }, policies: stops }, async ({ open, judge: stub }) => {
    await using answer = open();
    await answer.answer(good, calm, evil).finished();
    assert.deepEqual([answer.said, stub.asked.length, answer.rules], ["", 1, [`violent 0-${(good + calm + evil).length}`]]);
  }));

test("only the configured channels are judged", () =>
  judged({ config: { channels: ["reasoning"] } }, async ({ open, judge: stub }) => {
    await using answer = open();
    await answer.feed(`r0 ${evil}`, `t0 ${good}`, "e0", ".").finished();
    assert.deepEqual([stub.asked.length, answer.records[0]?.finding?.channel], [1, "reasoning"]);
  }));

test("a share of answers is judged: the same one always or never, and about as many as configured", () => {
  const ids = Array.from({ length: 10_000 }, (_, index) => `req_${index}`);
  const share = ids.filter((id) => isSampled(id, 0.2)).length / ids.length;
  assert.ok(Math.abs(share - 0.2) < 0.02);
  assert.ok(ids.every((id) => isSampled(id, 1) && !isSampled(id, 0)));
  return judged({ config: { sample: 0 } }, async ({ open, judge: stub }) => {
    await using answer = open();
    answer.answer(good);
    assert.deepEqual([answer.said, stub.asked.length], [good, 0]);
  });
});

test("no text of the user, no answer and no key is logged", () => {
  const script = (): Reply => ({ json: { error: { message: `you said ${good}` } } });
  return judged({ script, secret: "opensesame", config: { key: { env: "K" }, breaker: { failures: 1 } } }, async ({ open, logged }) => {
    await using answer = open();
    await answer.answer(good).finished();
    answer.engine[Symbol.dispose]();
    assert.doesNotMatch(JSON.stringify(logged), /Rice|happened|sesame|said/);
    assert.equal(logged.length, 2);
  });
});

for (const wrong of [
  { url: "ftp://x/y" },
  { url: "http://user:word@x/y" },
  { mode: "lag" },
  { mode: "lag(100)" },
  { overlapChars: 600 },
  { thresholds: { Violent: 0.5 } },
  { sample: 2 },
  { surely: 1 },
]) {
  test(`refuses ${JSON.stringify(wrong)}`, () => {
    assert.equal(v.safeParse(judge.config, { adapter: "openai-moderations", url: "http://127.0.0.1/", ...wrong }).success, false);
  });
}
