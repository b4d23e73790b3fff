/** `midstream scan`: what the analysers find in a text, and what the policies make of it, by the same pipeline that serves. */
import { createInterface } from "node:readline";
import { defineCommand } from "citty";
import * as v from "valibot";
import { type Config, definePlugin, type Finding, type Kernel, MidStreamError } from "../../../core/index.ts";
import { openaiChat } from "../../http/openai-chat/index.ts";
import { readConfigFile } from "../config-file.ts";
import { discover } from "../discover.ts";
import echo from "../echo-provider.ts";
import { makeScratchKernel } from "../scratch-kernel.ts";

/** Deltas of this many bytes unless `--chunk` says otherwise; any size gives the same findings. */
const defaultChunkBytes = 4096;

interface Scanned {
  readonly findings: readonly Finding[];
  readonly text: string;
}

/** The pipeline `default` of a config, with the echo provider in front and a collecting sink behind. */
function scanConfig(config: Config, chunkBytes: number): Config {
  const pipeline = config.pipelines.default ?? Object.values(config.pipelines)[0];
  const used = new Set([...(pipeline?.analysers ?? []), ...(pipeline?.policies ?? [])]);
  const plugins = Object.fromEntries(Object.entries(config.plugins ?? {}).filter(([id]) => used.has(id)));
  return {
    ...(config.modules && { modules: config.modules }),
    plugins: { ...plugins, "provider/echo/input": { chunkBytes }, "sink/collector/findings": {} },
    pipelines: { default: { ...pipeline, match: {}, providers: ["provider/echo/input"], sinks: ["sink/collector/findings"] } },
  };
}

/** Collects findings by session. */
function collector() {
  const bySession = new Map<string, Finding[]>();
  const plugin = definePlugin({
    api: 1,
    role: "sink",
    type: "collector",
    description: "Collects findings for a command",
    config: v.strictObject({}),
    capabilities: { reads: [], holdBytes: 0, streams: true, cost: "light", onFailure: "open" },
    async setup() {
      return {
        write(event) {
          if (event.type === "finding") bySession.set(event.session, [...(bySession.get(event.session) ?? []), event.finding]);
        },
        async [Symbol.asyncDispose]() {},
      };
    },
  });
  const take = (session: string) => {
    const findings = bySession.get(session) ?? [];
    bySession.delete(session);
    return findings;
  };
  return { plugin, take };
}

/** Text of all content deltas of a stream of events. */
function contentOf(events: string): string {
  let text = "";
  for (const line of events.split("\n")) {
    if (!line.startsWith("data: {")) continue;
    const event = JSON.parse(line.slice(6)) as { choices?: { delta?: { content?: string } }[]; error?: { message: string } };
    if (event.error !== undefined) throw new MidStreamError("KERNEL_INTERNAL", `The pipeline failed: ${event.error.message}`);
    text += event.choices?.[0]?.delta?.content ?? "";
  }
  return text;
}

async function scanText(kernel: Kernel, text: string, take: (session: string) => readonly Finding[]): Promise<Scanned> {
  const id = crypto.randomUUID();
  const body = { model: "scan", stream: true, messages: [{ role: "user", content: text }] };
  const request = { model: "scan", stream: true, choiceCount: 1, wantsUsage: true, dialect: "openai-chat", body, headers: {} };
  const answer = await kernel.answer(request, { dialect: openaiChat, signal: new AbortController().signal, id });
  const decoder = new TextDecoder();
  let events = "";
  await answer.deliver({
    write(bytes) {
      events += decoder.decode(bytes, { stream: true });
    },
  });
  const findings = [...take(id)].sort((left, right) => left.range.start - right.range.start || left.range.end - right.range.end);
  return { findings, text: contentOf(events) };
}

const asJson = (finding: Finding) => ({
  analyser: finding.analyser,
  rule: finding.rule,
  start: finding.range.start,
  end: finding.range.end,
  score: Number(finding.score.toFixed(3)),
});

interface Input {
  readonly id: string;
  readonly text: string;
}

function parseLine(line: string, number: number): Input {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch (error) {
    throw new MidStreamError("REQUEST_INVALID", `Line ${number} is not JSON; --jsonl takes one object {id, text} a line`, { cause: error });
  }
  const { id, text } = parsed as { id?: unknown; text?: unknown };
  if (typeof text !== "string")
    throw new MidStreamError("REQUEST_INVALID", `Line ${number} has no string "text"; --jsonl takes one object {id, text} a line`);
  return { id: typeof id === "string" || typeof id === "number" ? String(id) : String(number), text };
}

async function* inputs(jsonl: boolean): AsyncGenerator<Input> {
  if (!jsonl) {
    let text = "";
    process.stdin.setEncoding("utf8");
    for await (const piece of process.stdin) text += piece;
    yield { id: "stdin", text };
    return;
  }
  let number = 0;
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    if (line.trim() !== "") yield parseLine(line, number);
  }
}

export default defineCommand({
  meta: {
    name: "scan",
    description: "Find (or with --redact, act) in text on stdin; prints JSON lines {id, findings:[{analyser, rule, start, end, score}]}",
  },
  args: {
    config: {
      type: "string",
      description: "Config file whose pipeline `default` is used; default: midstream.config.* here, else all analysers",
    },
    jsonl: { type: "boolean", default: false, description: "Input is JSON lines {id, text}" },
    chunk: { type: "string", description: "Feed deltas of this many bytes; every size gives the same findings" },
    redact: {
      type: "boolean",
      default: false,
      description: "Print the text as the policies leave it (JSON lines {id, text} with --jsonl)",
    },
  },
  async run({ args }) {
    if (args.chunk !== undefined && !/^[1-9]\d{0,8}$/.test(args.chunk)) {
      console.error(`midstream: --chunk takes a number of bytes from 1, not ${args.chunk}`);
      return 2;
    }
    const file = await readConfigFile(args.config);
    const config = file?.raw ?? (await discover({})).config;
    const { plugin, take } = collector();
    const kernel = await makeScratchKernel(scanConfig(config, Number(args.chunk ?? defaultChunkBytes)), {
      folder: file?.folder ?? process.cwd(),
      plugins: { "provider/echo": async () => ({ default: echo }), "sink/collector": async () => ({ default: plugin }) },
    });
    try {
      for await (const input of inputs(args.jsonl)) {
        const scanned = await scanText(kernel, input.text, take);
        if (!args.redact) process.stdout.write(`${JSON.stringify({ id: input.id, findings: scanned.findings.map(asJson) })}\n`);
        else process.stdout.write(args.jsonl ? `${JSON.stringify({ id: input.id, text: scanned.text })}\n` : scanned.text);
      }
    } finally {
      await kernel.stop();
    }
    return 0;
  },
});
