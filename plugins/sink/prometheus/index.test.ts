import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import type { SinkEvent } from "../../../core/plugin/contract.ts";
import { testContext } from "../../../core/testing/plugin-context.ts";
import prometheus from "./index.ts";
import { Counter, Histogram } from "./metrics.ts";

const context = testContext("sink/prometheus/test");

type RequestEnd = Extract<SinkEvent, { readonly type: "request-end" }>;

const end = (more: Partial<RequestEnd> = {}): RequestEnd => ({
  type: "request-end",
  session: "session-1",
  pipeline: "default",
  model: "a model that a client named",
  provider: "provider/up/a",
  stream: true,
  path: "wire",
  status: 200,
  outcome: "finished",
  findings: 1,
  rewrites: 1,
  maxHeldBytes: 11,
  durationMs: 1_500,
  firstByteMs: 120,
  gatewayMs: 0.2,
  ...more,
});

const finding = (rule: string): SinkEvent => ({
  type: "finding",
  session: "session-1",
  pipeline: "default",
  finding: {
    analyser: "analyser/pii/all",
    rule,
    tag: "EMAIL",
    channel: "content",
    choice: 0,
    block: 0,
    range: { start: 0, end: 4 },
    from: 0,
    score: 1,
  },
});

async function textAfter(events: readonly SinkEvent[], config: Record<string, unknown> = {}): Promise<string> {
  await using sink = await prometheus.setup(v.parse(prometheus.config, config), context);
  for (const event of events) sink.write(event);
  return sink.exposition?.() ?? "";
}

/** Values by series, after every line was checked against the format's grammar. */
function seriesOf(text: string): Map<string, number> {
  const line = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{([a-z_]+="(?:[^"\\\n]|\\\\|\\n|\\")*",?)+\})? (\S+)$/;
  const series = new Map<string, number>();
  const types = new Set<string>();
  assert.ok(text === "" || text.endsWith("\n"));
  for (const row of text.split("\n").slice(0, -1)) {
    if (row.startsWith("# TYPE ")) {
      assert.ok(!types.has(row), `twice: ${row}`);
      types.add(row);
    } else if (!row.startsWith("# HELP ")) {
      assert.match(row, line);
      const name = row.slice(0, row.lastIndexOf(" "));
      assert.ok(!series.has(name), `twice: ${name}`);
      series.set(name, Number(row.slice(row.lastIndexOf(" ") + 1).replace("+Inf", "Infinity")));
    }
  }
  return series;
}

test("is empty before anything happened", async () => assert.equal(await textAfter([]), ""));

test("counts requests by pipeline, provider, path and outcome, but not by what clients write", async () => {
  const text = await textAfter([end(), end(), end({ outcome: "cancelled" })]);
  const series = seriesOf(text);
  const labels = 'pipeline="default",provider="provider/up/a",stream="true",path="wire"';
  assert.equal(series.get(`midstream_requests_total{${labels},outcome="finished"}`), 2);
  assert.equal(series.get(`midstream_requests_total{${labels},outcome="cancelled"}`), 1);
  assert.doesNotMatch(text, /session-1|a model/);
});

test("counts findings, verdicts, failures, errors and tokens", async () => {
  const verdict = {
    policy: "policy/redact/mask",
    action: "rewrite",
    analyser: "analyser/pii/all",
    rule: "email",
    outcome: "applied",
  } as const;
  const series = seriesOf(
    await textAfter([
      finding("email"),
      finding("email"),
      { type: "verdict", session: "session-1", pipeline: "default", verdict },
      { type: "plugin-failure", plugin: "analyser/own/x", code: "PLUGIN_FAILED" },
      {
        type: "provider-failure",
        session: "session-1",
        pipeline: "default",
        provider: "provider/up/a",
        code: "PROVIDER_CUT",
        message: "cut",
      },
      end({ usage: { inputTokens: 7, outputTokens: 40, totalTokens: 47 }, errorCode: "PROVIDER_CUT", outcome: "failed" }),
    ]),
  );
  const value = (name: string) => series.get(name);
  assert.equal(value('midstream_findings_total{pipeline="default",analyser="analyser/pii/all",rule="email",channel="content"}'), 2);
  assert.equal(value('midstream_verdicts_total{pipeline="default",policy="policy/redact/mask",action="rewrite",outcome="applied"}'), 1);
  assert.equal(value('midstream_plugin_failures_total{plugin="analyser/own/x",code="PLUGIN_FAILED"}'), 1);
  assert.equal(value('midstream_provider_failures_total{pipeline="default",provider="provider/up/a",code="PROVIDER_CUT"}'), 1);
  assert.equal(value('midstream_request_errors_total{pipeline="default",code="PROVIDER_CUT"}'), 1);
  assert.equal(value('midstream_tokens_total{pipeline="default",provider="provider/up/a",direction="input"}'), 7);
  assert.equal(value('midstream_tokens_total{pipeline="default",provider="provider/up/a",direction="output"}'), 40);
});

test("histograms are cumulative and end with every observation", async () => {
  const config = { durationBuckets: [0.1, 1, 10], heldBuckets: [0, 16] };
  const series = seriesOf(await textAfter([end({ durationMs: 50 }), end({ durationMs: 1_000 }), end({ durationMs: 99_000 })], config));
  const bucket = (le: string) => series.get(`midstream_request_duration_seconds_bucket{pipeline="default",le="${le}"}`);
  assert.deepEqual([bucket("0.1"), bucket("1"), bucket("10"), bucket("+Inf")], [1, 2, 2, 3]);
  assert.equal(series.get('midstream_request_duration_seconds_count{pipeline="default"}'), 3);
  assert.equal(series.get('midstream_request_duration_seconds_sum{pipeline="default"}'), 100.05);
  assert.equal(series.get('midstream_held_bytes_bucket{pipeline="default",le="16"}'), 3);
  assert.equal(series.get('midstream_held_bytes_bucket{pipeline="default",le="0"}'), 0);
});

test("an answer without a first byte, and a request that was turned away, are not timed as answers", async () => {
  const series = seriesOf(await textAfter([end({ firstByteMs: -1 }), end({ path: "none", outcome: "rejected", firstByteMs: -1 })]));
  assert.equal(
    [...series.keys()].some((name) => name.includes("first_byte")),
    false,
  );
  assert.equal(series.get('midstream_held_bytes_count{pipeline="default"}'), 1);
  assert.equal(series.get('midstream_request_duration_seconds_count{pipeline="default"}'), 2);
});

test("label sets beyond the bound count under other, and no observation is lost", async () => {
  const events = Array.from({ length: 500 }, (_, index) => finding(`rule-${index}`));
  const series = seriesOf(await textAfter(events, { maxSeries: 10 }));
  assert.equal(series.size, 11);
  assert.equal(series.get('midstream_findings_total{pipeline="other",analyser="other",rule="other",channel="other"}'), 490);
});

test("label values are escaped", () => {
  const counter = new Counter({ name: "n", help: "a\\b\nc", labels: ["x"], maxSeries: 10 });
  counter.add(['a"b\\c\nd']);
  assert.equal(counter.text(), '# HELP n a\\\\b\\nc\n# TYPE n counter\nn{x="a\\"b\\\\c\\nd"} 1\n');
});

test("a counter neither falls nor becomes no number", () => {
  const counter = new Counter({ name: "n", help: "", labels: [], maxSeries: 10 });
  for (const by of [2, -1, Number.NaN, Number.POSITIVE_INFINITY]) counter.add([], by);
  assert.match(counter.text(), /^n 2$/m);
});

test("a histogram passes over what is no number", () => {
  const histogram = new Histogram({ name: "n", help: "", labels: [], maxSeries: 10, bounds: [1] });
  histogram.observe([], Number.NaN);
  assert.equal(histogram.text(), "");
  histogram.observe([], 1);
  assert.match(histogram.text(), /^n_bucket\{le="1"\} 1\nn_bucket\{le="\+Inf"\} 1\nn_sum 1\nn_count 1$/m);
});

test("the prefix is the operator's", async () => assert.match(await textAfter([end()], { prefix: "edge" }), /^edge_requests_total\{/m));

for (const wrong of [
  { prefix: "1a" },
  { maxSeries: 1 },
  { durationBuckets: [] },
  { durationBuckets: [2, 1] },
  { heldBuckets: [1, 1] },
  { buckets: [1] },
]) {
  test(`refuses ${JSON.stringify(wrong)}`, () => assert.equal(v.safeParse(prometheus.config, wrong).success, false));
}

test("disposing twice is harmless", async () => {
  const instance = await prometheus.setup(v.parse(prometheus.config, {}), context);
  await instance[Symbol.asyncDispose]();
  await instance[Symbol.asyncDispose]();
});
