/** `midstream scan`: what the analysers find in a text, and what the policies make of it, by the same pipeline that serves. */
import { defineCommand } from "citty";
import type { Finding } from "../../../core/index.ts";
import { readConfigFile } from "../config-file.ts";
import { everyAnalyser } from "../every-analyser.ts";
import { jsonLines, wholeInput } from "../text-input.ts";
import { TextRunner, textRoles } from "../text-runner.ts";

/** Deltas of this many bytes unless `--chunk` says otherwise; any size gives the same findings. */
const defaultChunkBytes = 4096;

const asJson = ({ analyser, rule, range, score, data }: Finding) => ({
  analyser,
  rule,
  start: range.start,
  end: range.end,
  score: Number(score.toFixed(3)),
  ...(data !== undefined && Object.keys(data).length > 0 && { data }),
});

export default defineCommand({
  meta: {
    name: "scan",
    description:
      "Find (or with --redact, act) in text on stdin; prints JSON lines {id, findings:[{analyser, rule, start, end, score, data?}]}",
  },
  args: {
    config: {
      type: "string",
      description: "Config file whose pipeline `default` is used; default: midstream.config.* here, else all analysers",
    },
    jsonl: { type: "boolean", default: false, description: "Input is JSON lines {id, text, context?, question?, system?}" },
    as: {
      type: "enum",
      options: [...textRoles],
      default: "answer",
      description: "What a text is: the answer, or a message of the request",
    },
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
    await using runner = await TextRunner.open({
      config: file?.raw ?? (await everyAnalyser()),
      folder: file?.folder ?? process.cwd(),
      chunkBytes: Number(args.chunk ?? defaultChunkBytes),
      role: args.as,
    });
    for await (const input of args.jsonl ? jsonLines(process.stdin) : wholeInput()) {
      const scanned = await runner.run(input);
      if (!args.redact) process.stdout.write(`${JSON.stringify({ id: input.id, findings: scanned.findings.map(asJson) })}\n`);
      else process.stdout.write(args.jsonl ? `${JSON.stringify({ id: input.id, text: scanned.text })}\n` : scanned.text);
    }
    return 0;
  },
});
