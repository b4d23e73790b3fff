/**
 * A judge on the loopback that speaks the real formats, or misbehaves as real ones do; and the real transport to reach it.
 *
 * The shapes of the replies are those of vLLM's chat completions and score API, OpenAI's moderations, and LettuceDetect's web API.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import * as v from "valibot";
import type { Transport } from "../../core/plugin/contract.ts";
import { testContext } from "../../core/testing/plugin-context.ts";
import http from "../../plugins/transport/http/index.ts";

/** What the judge was asked. */
export interface Asked {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  // Whatever the adapter sent: tests look into it.
  // biome-ignore lint/suspicious/noExplicitAny: parsed JSON of any format
  readonly body: any;
}

/** What the judge does about it. */
export type Reply =
  | { readonly json: unknown; readonly status?: number; readonly headers?: Readonly<Record<string, string>> }
  /** Any bytes as a body. */
  | { readonly raw: string }
  /** Half of a body, then the connection is cut. */
  | { readonly cut: string }
  /** No answer; the connection stays open. `head`: with a response's head. */
  | { readonly hang: "silent" | "head" }
  | { readonly destroy: true }
  /** Answers when the test says so. */
  | { readonly when: Promise<unknown>; readonly json: unknown };

/** A listening judge. */
export interface StubJudge extends AsyncDisposable {
  /** Without a path. */
  readonly url: string;
  readonly asked: Asked[];
  /** Resolves when so many requests have come. */
  requests(count: number): Promise<void>;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  return body;
}

async function answer(response: ServerResponse, reply: Reply): Promise<void> {
  if ("destroy" in reply) {
    response.socket?.destroy();
  } else if ("hang" in reply) {
    if (reply.hang === "head") response.writeHead(200, { "content-type": "application/json" }).write("{");
  } else if ("cut" in reply) {
    response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
    response.write(reply.cut, () => response.socket?.destroy());
  } else if ("raw" in reply) {
    response.writeHead(200, { "content-type": "application/json" }).end(reply.raw);
  } else {
    if ("when" in reply) await reply.when;
    const { status = 200, headers = {} } = "status" in reply || "headers" in reply ? reply : {};
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(reply.json));
  }
}

/** Serves `script` on a free port. */
export async function startJudge(script: (asked: Asked, index: number) => Reply): Promise<StubJudge> {
  const asked: Asked[] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  const server = createServer((request, response) => {
    // Whoever asks may give up at any time, which is one of the things under test.
    request.on("error", () => {});
    response.on("error", () => {});
    void (async () => {
      const text = await bodyOf(request).catch(() => undefined);
      if (text === undefined) return;
      const entry = { path: request.url ?? "", headers: request.headers as Record<string, string>, body: JSON.parse(text) };
      asked.push(entry);
      const reply = script(entry, asked.length - 1);
      for (const each of waiting) if (asked.length >= each.count) each.resolve();
      await answer(response, reply);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    requests: (count) => (asked.length >= count ? Promise.resolve() : new Promise((resolve) => waiting.push({ count, resolve }))),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** The real transport, with its defaults. */
export const realTransport = async (): Promise<Transport & AsyncDisposable> =>
  http.setup(v.parse(http.config, {}), testContext("transport/http/default", { now: () => performance.now() }));

/** A chat completion, as vLLM answers. */
export const completion = (content: string, logprobs: unknown = null) => ({
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1_763_683_200,
  model: "guard",
  choices: [{ index: 0, message: { role: "assistant", content }, logprobs, finish_reason: "stop" }],
  usage: { prompt_tokens: 200, completion_tokens: 5, total_tokens: 205 },
});

/** Log-probabilities of one token, as vLLM and OpenAI give them. */
export const tokenLogprobs = (token: string, probabilities: Readonly<Record<string, number>>) => ({
  content: [
    {
      token,
      logprob: Math.log(probabilities[token] ?? 1),
      bytes: null,
      top_logprobs: Object.entries(probabilities).map(([each, p]) => ({ token: each, logprob: Math.log(p), bytes: null })),
    },
  ],
});

/** A moderation, as OpenAI answers. */
export const moderation = (scores: Readonly<Record<string, number>>, flaggedFrom = 0.5) => ({
  id: "modr-1",
  model: "omni-moderation-latest",
  results: [
    {
      flagged: Object.values(scores).some((score) => score >= flaggedFrom),
      categories: Object.fromEntries(Object.entries(scores).map(([name, score]) => [name, score >= flaggedFrom])),
      category_scores: scores,
      category_applied_input_types: Object.fromEntries(Object.keys(scores).map((name) => [name, ["text"]])),
    },
  ],
});
