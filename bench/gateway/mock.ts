/**
 * Mock upstream of the project's own rig: paced chat-completions chunks, one write per event; options as the C program's.
 *   bun mock.ts -p PORT [-n TOKENS] [-m MS_PER_TOKEN] [-b EVENTS_PER_WRITE] [-j]
 * Every chunk carries its send time (us) in system_fingerprint, from which `load.ts` reads the latency.
 */
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    port: { type: "string", short: "p", default: "9470" },
    tokens: { type: "string", short: "n", default: "200" },
    ms: { type: "string", short: "m", default: "10" },
    burst: { type: "string", short: "b", default: "1" },
    jitter: { type: "boolean", short: "j", default: false },
  },
});
const tokens = Number(values.tokens);
const periodMs = Number(values.ms);
const burst = Number(values.burst);
const words = "A gateway sits between an application and the models that it calls and keeps only the bytes that it must".split(" ");
const encoder = new TextEncoder();

function event(index: number): string {
  // Microseconds since 1970: the one clock that two processes of Bun share (hrtime starts with the process).
  const stamp = Math.round((performance.timeOrigin + performance.now()) * 1000)
    .toString()
    .padStart(16, "0");
  const last = index === tokens - 1;
  const delta = last ? "{}" : JSON.stringify({ content: ` ${words[index % words.length]}` });
  const choice = `{"index":0,"delta":${delta},"logprobs":null,"finish_reason":${last ? '"stop"' : "null"}}`;
  return `data: {"id":"chatcmpl-mock","object":"chat.completion.chunk","created":1763683200,"model":"mock","system_fingerprint":"fp_${stamp}","choices":[${choice}]}\n\n${last ? "data: [DONE]\n\n" : ""}`;
}

Bun.serve({
  hostname: "127.0.0.1",
  port: Number(values.port),
  idleTimeout: 0,
  fetch() {
    let index = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const body = new ReadableStream<Uint8Array>({
      async start(controller) {
        if (values.jitter) await new Promise((resolve) => setTimeout(resolve, Math.random() * periodMs));
        const step = () => {
          let text = "";
          for (let sent = 0; sent < burst && index < tokens; sent += 1) text += event(index++);
          controller.enqueue(encoder.encode(text));
          if (index >= tokens) controller.close();
          else timer = setTimeout(step, periodMs);
        };
        step();
      },
      cancel() {
        clearTimeout(timer);
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  },
});
