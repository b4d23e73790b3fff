import assert from "node:assert/strict";
import { test } from "node:test";
import type { Kernel } from "../../core/index.ts";
import type { Answer } from "../../core/pipeline/answer.ts";
import { createDoor } from "./app.ts";
import { openaiChat } from "./openai-chat/index.ts";

const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "Hello" }] });
const text = '{"choices":[]}';

const answer: Answer = {
  status: 200,
  contentType: "application/json",
  provider: "provider/fake/up",
  gatewayMs: 0.25,
  stream: false,
  whole: () => new TextEncoder().encode(text),
  deliver: () => Promise.resolve(),
  cancel: () => {},
};

/** A door to a kernel that answers everything alike and notes what it was asked with. */
function doorOf(corsOrigins: readonly string[] = []) {
  const ids: string[] = [];
  const kernel = {
    answer(_, call) {
      ids.push(call.id);
      call.onClose?.();
      return Promise.resolve(answer);
    },
  } satisfies Pick<Kernel, "answer">;
  const limits = { body: { maxBytes: 1000, timeoutMs: 1000 }, maxStreams: 1000, version: "1" };
  // The routes that are tried ask for nothing else of it.
  return { ids, door: createDoor(kernel as unknown as Kernel, openaiChat, { ...limits, corsOrigins, log: () => {} }) };
}

const post = (address: string, headers: Record<string, string> = {}) => new Request(address, { method: "POST", body, headers });

/** What a client can tell one response from another by. */
async function seen(response: Response) {
  const headers = [...response.headers].filter(([name]) => name !== "x-request-id").sort();
  return { status: response.status, headers, text: await response.text() };
}

test("the chat route answers alike past Hono and through it, on any host and port", async () => {
  const { door } = doorOf();
  const direct = await seen(await door.fetch(post("http://127.0.0.1:8787/v1/chat/completions")));
  assert.equal(direct.text, text);
  for (const address of [
    "http://127.0.0.1:8787/v1/chat/completions?api-version=1",
    "https://gateway.example/v1/chat/completions",
    "http://[::1]/v1/chat/completions?",
    "http://127.0.0.1/v1/chat/%63ompletions",
  ]) {
    assert.deepEqual(await seen(await door.fetch(post(address))), direct, address);
  }
});

test("nothing but the chat route is taken for it", async () => {
  const { door, ids } = doorOf();
  for (const address of ["http://h/x/v1/chat/completions", "http://h//v1/chat/completions", "http://h/?q=/v1/chat/completions"]) {
    const response = await door.fetch(post(address));
    assert.equal(response.status, 404, address);
  }
  assert.equal((await door.fetch(new Request("http://h/v1/chat/completions"))).status, 404);
  assert.deepEqual(ids, []);
});

test("the chat route has the head that browsers ask for where CORS is on", async () => {
  const { door } = doorOf(["https://app.example"]);
  const response = await door.fetch(post("http://h/v1/chat/completions", { origin: "https://app.example" }));
  assert.equal(response.headers.get("access-control-allow-origin"), "https://app.example");
  assert.equal(await response.text(), text);
});

test("an answer that cannot be sent is cancelled, and its place is free again", async () => {
  let cancelled = 0;
  const cancel = () => {
    cancelled += 1;
  };
  const unsendable: Answer = { ...answer, provider: "provider/fake/模型", cancel };
  const kernel = { answer: () => Promise.resolve(unsendable) } as unknown as Kernel;
  const limits = { body: { maxBytes: 1000, timeoutMs: 1000 }, maxStreams: 1000, version: "1" };
  const door = createDoor(kernel, openaiChat, { ...limits, corsOrigins: [], log: () => {} });
  assert.equal((await door.fetch(post("http://h/v1/chat/completions"))).status, 500);
  assert.equal(cancelled, 1);
});

test("a client that leaves before the head is no failure of the door", async () => {
  const logged: string[] = [];
  const gone = new DOMException("gone", "AbortError");
  const kernel = {
    answer: (_: unknown, { signal }: { signal: { add(listener: object): void; aborted: boolean } }) =>
      new Promise((_resolve, reject) => signal.add({ cancelled: () => reject(gone) })),
  } as unknown as Kernel;
  const limits = { body: { maxBytes: 1000, timeoutMs: 1000 }, maxStreams: 1000, version: "1" };
  const door = createDoor(kernel, openaiChat, { ...limits, corsOrigins: [], log: (event) => logged.push(event) });
  const controller = new AbortController();
  const request = new Request("http://h/v1/chat/completions", { method: "POST", body, signal: controller.signal });
  const asked = door.fetch(request);
  setTimeout(() => controller.abort(), 50);
  assert.equal((await asked).status, 499);
  assert.deepEqual(logged, []);
});

test("ids are unique over more requests than random bytes are fetched for", async () => {
  const { door, ids } = doorOf();
  for (let count = 0; count < 600; count += 1) await door.fetch(post("http://h/v1/chat/completions"));
  assert.equal(new Set(ids).size, 600);
  for (const id of ids) assert.match(id, /^req_[0-9a-f]{32}$/);
});
