import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import { isMidStreamError, MidStreamError } from "../../../core/errors/midstream-error.ts";
import type { PluginContext, Provider, Session, Transport, UpstreamRequest, UpstreamResponse } from "../../../core/plugin/contract.ts";
import type { ModelRequest } from "../../../core/stream/model-request.ts";
import { testContext } from "../../../core/testing/plugin-context.ts";
import plugin from "./index.ts";
import { openaiCompatibleConfig } from "./schema.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

interface Rig {
  readonly provider: Provider & AsyncDisposable;
  readonly sent: UpstreamRequest[];
  readonly logged: string[];
  readonly clock: { ms: number };
  /** What the upstream answers. */
  answer: { status: number; headers: Record<string, string>; body: string; cancelled: boolean };
}

async function rig(config: Omit<v.InferInput<typeof openaiCompatibleConfig>, "baseUrl"> & { baseUrl?: string } = {}): Promise<Rig> {
  const sent: UpstreamRequest[] = [];
  const logged: string[] = [];
  const clock = { ms: 0 };
  const answer = { status: 200, headers: {} as Record<string, string>, body: "", cancelled: false };
  const transport: Transport = {
    async connect(request) {
      sent.push(request);
      if (answer.status === 0) throw new MidStreamError("PROVIDER_UNREACHABLE", "nobody there");
      const response: UpstreamResponse = {
        status: answer.status,
        headers: new Map(Object.entries(answer.headers)),
        framing: "identity",
        contentLength: -1,
        read(sink) {
          sink.chunk(encode(answer.body));
          sink.end();
        },
        pause() {},
        resume() {},
        release() {},
        cancel() {
          answer.cancelled = true;
        },
      };
      return response;
    },
  };
  const context = testContext("provider/openai-compatible/up", {
    log: (event, fields) => logged.push(`${event} ${JSON.stringify(fields)}`),
    now: () => clock.ms,
    secret: (reference) => `resolved-${"env" in reference ? reference.env : reference.file}`,
    use: (() => transport) as unknown as PluginContext["use"],
  });
  const parsed = v.parse(openaiCompatibleConfig, { baseUrl: "http://up.test/v1/", ...config });
  return { provider: await plugin.setup(parsed, context), sent, logged, clock, answer };
}

function request(body: string, more: Partial<ModelRequest> = {}): ModelRequest {
  const parsed = JSON.parse(body) as Record<string, unknown>;
  return {
    model: String(parsed.model),
    stream: parsed.stream === true,
    choiceCount: 1,
    wantsUsage: (parsed.stream_options as { include_usage?: boolean } | undefined)?.include_usage === true,
    dialect: "openai-chat",
    body: parsed,
    bytes: encode(body),
    headers: {},
    ...more,
  };
}

const session = { id: "s", pipeline: "p", signal: new AbortController().signal } as unknown as Session;
const open = (provider: Provider, sent: ModelRequest) => provider.open(sent, session, { rawBody: true });

test("sends the client's own bytes where nothing must change", async () => {
  const { provider, sent } = await rig();
  for (const body of [' { "model":"m","x":[1.0,"\\u00e9"]}\n', '{"model":"m","stream":true,"stream_options":{"include_usage":true}}']) {
    const asked = request(body);
    assert.equal(provider.addsUsage(asked), false);
    await open(provider, asked);
    assert.equal(sent.at(-1)!.body, asked.bytes);
  }
  assert.equal(sent[0]!.url, "http://up.test/v1/chat/completions");
  assert.equal(sent[0]!.method, "POST");
});

test("asks for usage and maps the model by splicing, and keeps every other byte", async () => {
  const { provider, sent } = await rig({ models: { fast: 'vendor/"fast"' } });
  const cases: [string, string][] = [
    ['{ "model" : "fast" , "stream":true }', '{ "model" : "vendor/\\"fast\\"" , "stream":true ,"stream_options":{"include_usage":true}}'],
    [
      '{"stream_options":{ },"stream":true,"model":"fast"}',
      '{"stream_options":{"include_usage":true },"stream":true,"model":"vendor/\\"fast\\""}',
    ],
    [
      '{"stream_options":{"a":1},"stream":true,"model":"fast"}',
      '{"stream_options":{"include_usage":true,"a":1},"stream":true,"model":"vendor/\\"fast\\""}',
    ],
    [
      '{"stream_options":{"include_usage":false},"stream":true,"model":"fast"}',
      '{"stream_options":{"include_usage":true},"stream":true,"model":"vendor/\\"fast\\""}',
    ],
    [
      '{"stream_options":null,"stream":true,"model":"fast"}',
      '{"stream_options":{"include_usage":true},"stream":true,"model":"vendor/\\"fast\\""}',
    ],
    ['{"model":"fast","n":1e0}', '{"model":"vendor/\\"fast\\"","n":1e0}'],
  ];
  for (const [body, expected] of cases) {
    const asked = request(body);
    assert.equal(provider.addsUsage(asked), asked.stream);
    await open(provider, asked);
    assert.equal(decode(sent.at(-1)!.body), expected);
  }
});

test("what the answer shall rest on stays here, and every other byte is kept", async () => {
  const { provider, sent } = await rig({ usage: "asked" });
  const cases: [string, string][] = [
    ['{"model":"m","context":"a","x":1.0}', '{"model":"m","x":1.0}'],
    ['{ "context" : ["a", {"text":"}"}] , "model":"m","x":1e0}', '{  "model":"m","x":1e0}'],
    ['{"model":"m","x":1e0 , "context":"a" }', '{"model":"m","x":1e0}'],
    // Not ours: passed on.
    ['{"model":"m","context":{"id":1}}', '{"model":"m","context":{"id":1}}'],
    // Written otherwise: the body is written anew.
    ['{"model":"m","\\u0063ontext":"a","x":1.0}', '{"model":"m","x":1}'],
  ];
  for (const [body, expected] of cases) {
    await open(provider, request(body));
    assert.equal(decode(sent.at(-1)!.body), expected);
  }
});

test("writes the body anew where a policy changed the request", async () => {
  const { provider, sent } = await rig();
  const { bytes: _, ...changed } = request('{"model":"m","stream":true,"seed":4}');
  await open(provider, changed);
  assert.deepEqual(JSON.parse(decode(sent[0]!.body)), { model: "m", stream: true, seed: 4, stream_options: { include_usage: true } });
});

test("adds no usage where the config says asked", async () => {
  const { provider, sent } = await rig({ usage: "asked" });
  const asked = request('{"model":"m","stream":true}');
  assert.equal(provider.addsUsage(asked), false);
  await open(provider, asked);
  assert.equal(sent[0]!.body, asked.bytes);
});

test("sends the configured key and headers, and the client's key only where the config says so", async () => {
  const withKey = await rig({
    apiKey: { env: "KEY" },
    passClientKey: true,
    organization: "org",
    headers: { "X-Team": "blue", "api-key": { file: "/k" } },
  });
  await open(withKey.provider, request('{"model":"m"}', { clientKey: "client" }));
  const headers = new Map(withKey.sent[0]!.headers);
  assert.equal(headers.get("authorization"), "Bearer resolved-KEY");
  assert.equal(headers.get("openai-organization"), "org");
  assert.equal(headers.get("x-team"), "blue");
  assert.equal(headers.get("api-key"), "resolved-/k");

  const passing = await rig({ passClientKey: true });
  await open(passing.provider, request('{"model":"m"}', { clientKey: "client" }));
  assert.equal(new Map(passing.sent[0]!.headers).get("authorization"), "Bearer client");
  await assert.rejects(open(passing.provider, request('{"model":"m"}', { clientKey: "a\r\nb" })), { code: "REQUEST_INVALID" });

  const silent = await rig();
  await open(silent.provider, request('{"model":"m"}', { clientKey: "client" }));
  assert.equal(new Map(silent.sent[0]!.headers).has("authorization"), false);
});

test("refuses models that it is not configured for", async () => {
  const { provider } = await rig({ models: ["a", "b"] });
  await assert.rejects(
    open(provider, request('{"model":"c"}')),
    (error) => isMidStreamError(error) && error.code === "REQUEST_UNKNOWN_MODEL",
  );
  assert.deepEqual(
    (await provider.models(session)).map((model) => model.id),
    ["a", "b"],
  );
});

test("asks the upstream for its models once in a while, and keeps the last list when it fails", async () => {
  const tested = await rig({ modelsCacheMs: 1_000 });
  const { provider, answer, clock, sent, logged } = tested;
  answer.body = '{"object":"list","data":[{"id":"m1","owned_by":"v"},{"id":"m2"},{"nonsense":1}]}';
  const expected = [
    { id: "m1", ownedBy: "v" },
    { id: "m2", ownedBy: "upstream" },
  ];
  assert.deepEqual(await provider.models(session), expected);
  clock.ms = 999;
  assert.deepEqual(await provider.models(session), expected);
  assert.equal(sent.length, 1);
  assert.equal(sent[0]!.url, "http://up.test/v1/models");
  for (const [status, body] of [
    [0, ""],
    [500, "{}"],
    [200, "<html>"],
  ] as const) {
    clock.ms += 5_000;
    Object.assign(answer, { status, body });
    assert.deepEqual(await provider.models(session), expected);
  }
  assert.equal(logged.length, 3);
});

test("refuses a compressed answer and closes it", async () => {
  const { provider, answer } = await rig();
  answer.headers = { "content-encoding": "gzip" };
  await assert.rejects(open(provider, request('{"model":"m"}')), { code: "PROVIDER_BAD_RESPONSE" });
  assert.equal(answer.cancelled, true);
});

test("refuses configs that would send requests astray", () => {
  for (const config of [
    {},
    { baseUrl: "ftp://x" },
    { baseUrl: "https://user:pass@x/v1" },
    { baseUrl: "https://x/v1?a=b" },
    { baseUrl: "https://x", headers: { Host: "y" } },
    { baseUrl: "https://x", headers: { "a b": "y" } },
    { baseUrl: "https://x", headers: { a: "b\r\nc: d" } },
    { baseUrl: "https://x", apiKey: "literal" },
    { baseUrl: "https://x", unknown: 1 },
  ]) {
    assert.equal(v.safeParse(openaiCompatibleConfig, config).success, false, JSON.stringify(config));
  }
});
