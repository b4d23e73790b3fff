/**
 * What analysers on a text detector (native/text-detector) have in common: an answer's parts go in, findings come out.
 *
 * Must not know any detector.
 */
import type { TextAnswer, TextContext, TextDetector, TextFound } from "../native/native-core.ts";
import type { Conversation } from "../stream/conversation.ts";
import type { Channel, Part, TokenLogprob } from "../stream/part.ts";
import type { AnalyserFinding, AnalyserSession, RequestFinding, Session } from "./contract.ts";

/** Types of parts that a `TextWatch` needs in `capabilities.reads`. */
export const textReads = [
  "text-delta",
  "text-end",
  "reasoning-delta",
  "reasoning-end",
  "refusal-delta",
  "tool-input-delta",
  "tool-input-end",
  "choice-end",
] as const satisfies readonly Part["type"][];

const channelOf = {
  "text-delta": "content",
  "reasoning-delta": "reasoning",
  "refusal-delta": "refusal",
  "tool-input-delta": "tool-input",
} as const satisfies Partial<Record<Part["type"], Channel>>;

/** The conversation as a detector reads it. Empty texts are left out. */
export const textContextOf = ({ messages, output }: Conversation): TextContext => ({
  messages: messages.flatMap(({ role, text }) => (text === "" ? [] : [{ origin: role, text }])),
  wantsJson: output.json,
});

const none: readonly AnalyserFinding[] = Object.freeze([]);

const findingOf = ({ origin, ...rest }: TextFound): AnalyserFinding => ({ ...rest, channel: origin as Channel });

/** A text that is under way. */
interface OpenText {
  readonly choice: number;
  readonly block: number;
  /** UTF-8 bytes so far; counted only where the provider sends log-probabilities. */
  bytes: number;
  heldFrom: number;
}

/** One answer under a detector. */
export class TextWatch implements AnalyserSession {
  /** First byte of a block that must be held back; absent where the detector never holds. */
  readonly holdFrom?: (choice: number, block: number) => number | undefined;
  private readonly answer: TextAnswer;
  private readonly channels: ReadonlySet<Channel>;
  private readonly open: OpenText[] = [];

  /**
   * @param answer closed with the session
   * @param channels which texts are read
   * @param holds whether the detector may hold text back
   */
  constructor(answer: TextAnswer, channels: readonly Channel[], holds = false) {
    this.answer = answer;
    this.channels = new Set(channels);
    if (holds) {
      this.holdFrom = (choice, block) => {
        const from = this.find(choice, block)?.heldFrom;
        return from === Number.POSITIVE_INFINITY ? undefined : from;
      };
    }
  }

  push(part: Part): readonly AnalyserFinding[] {
    switch (part.type) {
      case "text-delta":
      case "reasoning-delta":
      case "refusal-delta":
        return this.take(part, channelOf[part.type], part.logprobs);
      case "tool-input-delta":
        return this.take(part, "tool-input", undefined);
      case "text-end":
      case "reasoning-end":
      case "tool-input-end":
        return this.finish((text) => text.choice === part.choice && text.block === part.block);
      case "choice-end":
        return this.finish((text) => text.choice === part.choice);
      default:
        return none;
    }
  }

  /** Texts that an upstream left open. */
  end(): readonly AnalyserFinding[] {
    return this.finish(() => true);
  }

  [Symbol.dispose](): void {
    this.answer[Symbol.dispose]();
  }

  private find(choice: number, block: number): OpenText | undefined {
    return this.open.find((text) => text.choice === choice && text.block === block);
  }

  private take(
    { choice, block, delta }: { readonly choice: number; readonly block: number; readonly delta: string },
    channel: Channel,
    logprobs: readonly TokenLogprob[] | undefined,
  ): readonly AnalyserFinding[] {
    if (!this.channels.has(channel) || delta === "") return none;
    let text = this.find(choice, block);
    if (text === undefined) {
      text = { choice, block, bytes: 0, heldFrom: Number.POSITIVE_INFINITY };
      this.open.push(text);
    }
    text.heldFrom = this.answer.push(choice, block, channel, delta);
    this.tokens(text, delta, logprobs);
    return this.found();
  }

  /** Tokens are told only where they are the delta: the places of others are unknown. */
  private tokens(text: OpenText, delta: string, logprobs: readonly TokenLogprob[] | undefined): void {
    let start = text.bytes;
    text.bytes += Buffer.byteLength(delta);
    if (logprobs === undefined || logprobs.map(({ token }) => token).join("") !== delta) return;
    for (const { token, logprob, entropy } of logprobs) {
      const end = start + Buffer.byteLength(token);
      this.answer.token(text.choice, text.block, { start, end }, logprob, entropy ?? -1);
      start = end;
    }
  }

  private finish(isOver: (text: OpenText) => boolean): readonly AnalyserFinding[] {
    for (const text of this.open.filter(isOver)) {
      this.answer.end(text.choice, text.block);
      this.open.splice(this.open.indexOf(text), 1);
    }
    return this.found();
  }

  private found(): readonly AnalyserFinding[] {
    const found = this.answer.take();
    return found.length === 0 ? none : found.map(findingOf);
  }
}

/**
 * Findings of a request's messages, each read as a text of its own.
 *
 * @param reads which messages are read
 */
export function requestFindings(
  detector: TextDetector,
  { conversation }: Session,
  reads: ReadonlySet<Conversation["messages"][number]["role"]>,
): readonly RequestFinding[] {
  using answer = detector.begin(textContextOf(conversation));
  for (const [message, { role, text }] of conversation.messages.entries()) {
    if (text === "" || !reads.has(role)) continue;
    answer.push(0, message, role, text);
    answer.end(0, message);
  }
  return answer.take().map(({ block, rule, tag, range, score, data }) => ({ message: block, rule, tag, range, score, data }));
}
