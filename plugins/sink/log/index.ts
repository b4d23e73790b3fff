/**
 * `sink/log`: one line of JSON for each request, on a stream of the process.
 *
 * Must not know content, nor wait for whoever reads the lines.
 */
import * as v from "valibot";
import { definePlugin, type SinkEvent } from "../../../core/plugin/contract.ts";
import { LineWriter } from "./line-writer.ts";
import { droppedLine, failureLine, passedOverLine, requestLine } from "./log-lines.ts";
import { RequestTally } from "./request-tally.ts";

const count = (fallback: number, minimum: number, maximum: number, description: string) =>
  v.pipe(v.optional(v.pipe(v.number(), v.integer(), v.minValue(minimum), v.maxValue(maximum)), fallback), v.description(description));

const config = v.strictObject({
  to: v.pipe(v.optional(v.picklist(["stdout", "stderr"]), "stdout"), v.description("Stream of the process that the lines go to")),
  flushMs: count(50, 0, 10_000, "Lines of so many milliseconds leave with one write; 0 = each at once"),
  maxPending: count(
    1_048_576,
    4_096,
    2 ** 28,
    "Most text that waits for a reader that does not read, in characters; further lines are dropped",
  ),
});

function later(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}

/** Does nothing: a write's callback tells of its failure. */
const ignoreError = () => {};

/**
 * Without a listener a runtime ends the process, and with it every answer, when the reader of a stream goes away. One stays on each stream
 * for good, since writes may fail after the disposal.
 */
function keepProcess(stream: NodeJS.WriteStream): void {
  if (!stream.listeners("error").includes(ignoreError)) stream.on("error", ignoreError);
}

/** ISO 8601 text of a time in milliseconds, made once for each millisecond. */
function wallClock(now: () => number): () => string {
  let known = Number.NaN;
  let text = "";
  return () => {
    const ms = Math.floor(now());
    if (ms !== known) {
      known = ms;
      text = new Date(ms).toISOString();
    }
    return text;
  };
}

/** Turns events into lines. */
export function createLog(writer: LineWriter, wallClock: () => string): (event: SinkEvent) => void {
  const tally = new RequestTally();
  const write = (line: string) => {
    if (!writer.line(line)) return;
    const dropped = writer.takeDropped();
    if (dropped > 0) writer.line(droppedLine(wallClock(), dropped));
  };
  return (event) => {
    if (event.type === "request-end") write(requestLine(wallClock(), event, tally.take(event.session)));
    else if (event.type === "plugin-failure") write(failureLine(wallClock(), event));
    else if (event.type === "provider-failure") write(passedOverLine(wallClock(), event));
    else tally.record(event);
  };
}

export default definePlugin({
  api: 1,
  role: "sink",
  type: "log",
  description: "One line of JSON for each request, without content, on the process's standard output",
  config,
  capabilities: { reads: [], holdBytes: 0, streams: true, cost: "light", onFailure: "open" },
  async setup({ to, flushMs, maxPending }, context) {
    const stream = to === "stdout" ? process.stdout : process.stderr;
    keepProcess(stream);
    const onLost = (error: unknown) => context.log("log-lost", { stream: to, error: String((error as { code?: unknown } | null)?.code) });
    const writer = new LineWriter({ stream, flushMs, maxPending, later, onLost });
    // The kernel's clock has no date; a log line needs one. Read once, so that lines follow the one clock.
    const epoch = Date.now() - context.now();
    return {
      write: createLog(
        writer,
        wallClock(() => epoch + context.now()),
      ),
      async [Symbol.asyncDispose]() {
        writer.flush();
        const dropped = writer.takeDropped();
        if (dropped > 0) context.log("log-dropped", { lines: dropped });
      },
    };
  },
});
