/**
 * A dialect for tests: one line is one frame. The pipeline must work with any dialect, and this one shows at a glance what left.
 *
 *     t0 text     content of choice 0        r0 text   reasoning      k0 text   tool input
 *     e0          end of choice 0            u1,2      usage          . end     ! error    ? unknown
 */
import type { Dialect, Encoder } from "../pipeline/dialect.ts";
import type { Decoder } from "../plugin/contract.ts";
import { emptyConversation } from "../stream/conversation.ts";
import type { ModelRequest } from "../stream/model-request.ts";
import type { Frame, Part } from "../stream/part.ts";

/** A text with line feeds as one line. */
export const escapeLine = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
const unescapeLine = (line: string): string => line.replace(/\\([n\\])/g, (_, letter) => (letter === "n" ? "\n" : "\\"));

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A request for tests. */
export const lineRequest = (more: Partial<ModelRequest> = {}): ModelRequest => ({
  model: "m",
  stream: true,
  choiceCount: 1,
  wantsUsage: true,
  dialect: "lines",
  body: {},
  headers: {},
  ...more,
});

function partsOf(frame: Frame): Part[] {
  const line = frame.payload;
  const choice = Number(line[1] ?? 0);
  const delta = unescapeLine(line.slice(3));
  switch (line[0]) {
    case "t":
      return [{ type: "text-delta", choice, block: 0, delta, frame }];
    case "r":
      return [{ type: "reasoning-delta", choice, block: 1, delta, frame }];
    case "k":
      return [{ type: "tool-input-delta", choice, block: 3, delta, frame }];
    case "e":
      return [{ type: "choice-end", choice, reason: "stop", frame }];
    case "u": {
      const [inputTokens = 0, outputTokens = 0] = line.slice(1).split(",").map(Number);
      return [{ type: "usage", usage: { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens }, frame }];
    }
    case ".":
      return [{ type: "response-end", frame }];
    case "!":
      return [{ type: "error", code: "boom", message: "boom", frame }];
    default:
      return [{ type: "raw", frame }];
  }
}

/** Lines to parts, across chunks that split anywhere. In a whole answer all lines are one frame. */
export function lineDecoder(mode: "stream" | "unary"): Decoder {
  const decoder = new TextDecoder();
  let rest = "";
  return {
    push(bytes) {
      rest += decoder.decode(bytes, { stream: true });
      if (mode === "unary") return [];
      const lines = rest.split("\n");
      rest = lines.pop() ?? "";
      return lines.flatMap((line) => partsOf({ bytes: bytesOf(`${line}\n`), payload: line }));
    },
    end() {
      if (mode === "stream") return [];
      const frame: Frame = { bytes: bytesOf(rest), payload: rest };
      const lines = rest.split("\n").filter((line) => line !== "");
      return [
        ...lines.flatMap((line) => partsOf({ bytes: new Uint8Array(), payload: line }).map((part) => ({ ...part, frame }))),
        { type: "response-end", frame },
      ];
    },
  };
}

/** Parts back to lines. */
export const lineEncoder = (mode: "stream" | "unary"): Encoder => ({
  rewrite(frame, texts, blocked) {
    let next = 0;
    const lines = frame.payload.split("\n").map((line) => {
      if (!/^[trk]. ./.test(line)) return line;
      const text = texts[next];
      next += 1;
      return text === undefined ? line : `${line.slice(0, 3)}${escapeLine(text)}`;
    });
    const ends = (mode === "unary" ? [...(blocked ?? [])] : []).map(([choice, message]) => `b${choice} ${message}`);
    return bytesOf([...lines.filter((line) => line !== ""), ...ends].map((line) => `${line}\n`).join(""));
  },
  blocked: (choice, message) => bytesOf(`b${choice} ${escapeLine(message)}\n`),
  done: () => bytesOf(".\n"),
  error: (error) => bytesOf(`!${error.code}\n`),
  keepAlive: () => bytesOf("#\n"),
  annotate: ({ findings }, { body }) =>
    bytesOf(`${body === undefined ? "" : new TextDecoder().decode(body)}@${findings.map((finding) => finding.rule).join()}\n`),
});

/** The dialect. */
export const linesDialect: Dialect = {
  id: "lines",
  toRequest: () => lineRequest(),
  conversation: () => emptyConversation,
  encoder: lineEncoder,
};
