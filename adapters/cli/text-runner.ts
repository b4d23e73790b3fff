/** Sends texts through a pipeline of the config, as answers or as parts of a request: what `scan` and `eval` have in common. */
import * as v from "valibot";
import {
  type Config,
  definePlugin,
  type Finding,
  isMidStreamError,
  type Kernel,
  MidStreamError,
  type ModelRequest,
} from "../../core/index.ts";
import { openaiChat } from "../http/openai-chat/index.ts";
import echo from "./echo-provider.ts";
import { makeScratchKernel } from "./scratch-kernel.ts";
import type { TextInput } from "./text-input.ts";

/** What a text is taken for: the answer, or a message of the request. */
export const textRoles = ["answer", "user", "tool", "document", "instructions"] as const;
export type TextRole = (typeof textRoles)[number];

/** What became of one text. */
export interface Scanned {
  /** In the order of their starts. */
  readonly findings: readonly Finding[];
  /** The text as the policies leave it; "" of a request that they refuse. */
  readonly text: string;
}

/** How texts are run. */
export interface RunnerSettings {
  readonly config: Config;
  /** Where the config's relative paths start. */
  readonly folder: string;
  /** UTF-8 bytes of a delta; any size gives the same findings. */
  readonly chunkBytes: number;
  readonly role: TextRole;
}

/** The two plugins that stand at the ends of a runner's pipeline. */
const input = "provider/midstream-echo/input";
const findings = "sink/midstream-collector/findings";

/**
 * The pipeline `default` of a config (or its first), with the echo provider in front and a collecting sink behind. Whatever `check` accepts
 * stays acceptable: all plugins stay, since plugins may require any of them, and only those that are used are set up.
 */
function runnerConfig(config: Config, chunkBytes: number): Config {
  // A config as a user wrote it: nothing has checked it yet, and the kernel says what is wrong with it.
  const { server, modules, plugins, pipelines } = config as Partial<Config>;
  const pipeline = pipelines?.default ?? Object.values(pipelines ?? {})[0];
  if (pipeline === undefined) return config;
  return {
    // How long a set-up may take is the plugins'; the rest of `server` is the door's.
    ...(server?.setupTimeoutMs !== undefined && { server: { setupTimeoutMs: server.setupTimeoutMs } }),
    ...(modules && { modules }),
    plugins: { ...plugins, [input]: { chunkBytes }, [findings]: {} },
    pipelines: { default: { ...pipeline, match: {}, providers: [input], sinks: [findings] } },
  };
}

/** Collects findings by session. */
function collector() {
  const bySession = new Map<string, Finding[]>();
  const plugin = definePlugin({
    api: 1,
    role: "sink",
    type: "midstream-collector",
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

const wireRoles = { user: "user", tool: "tool", instructions: "system" } as const;

/** The request that gets the text as its answer, or has it in it. */
function requestOf({ text, context, question, system }: TextInput, role: TextRole): ModelRequest {
  const messages = [
    ...(system === "" ? [] : [{ role: "system", content: system }]),
    ...(question === "" ? [] : [{ role: "user", content: question }]),
    ...(role === "answer" || role === "document" ? [] : [{ role: wireRoles[role], content: text }]),
  ];
  const documents = role === "document" ? [...context, text] : context;
  const answer = role === "answer" ? text : "";
  const body = { model: "scan", stream: true, messages, ...(documents.length > 0 && { context: documents }), answer };
  return { model: "scan", stream: true, choiceCount: 1, wantsUsage: true, dialect: "openai-chat", body, headers: {} };
}

/** A kernel that takes texts. */
export class TextRunner implements AsyncDisposable {
  private readonly kernel: Kernel;
  private readonly role: TextRole;
  private readonly take: (session: string) => readonly Finding[];

  private constructor(kernel: Kernel, role: TextRole, take: (session: string) => readonly Finding[]) {
    this.kernel = kernel;
    this.role = role;
    this.take = take;
  }

  /** @throws MidStreamError CONFIG_*, SETUP_* */
  static async open({ config, folder, chunkBytes, role }: RunnerSettings): Promise<TextRunner> {
    const { plugin, take } = collector();
    const plugins = {
      "provider/midstream-echo": async () => ({ default: echo }),
      "sink/midstream-collector": async () => ({ default: plugin }),
    };
    return new TextRunner(await makeScratchKernel(runnerConfig(config, chunkBytes), { folder, plugins }), role, take);
  }

  async run(input: TextInput): Promise<Scanned> {
    const id = crypto.randomUUID();
    let events = "";
    try {
      const settings = { dialect: openaiChat, signal: new AbortController().signal, id };
      const answer = await this.kernel.answer(requestOf(input, this.role), settings);
      const decoder = new TextDecoder();
      await answer.deliver({
        write(bytes) {
          events += decoder.decode(bytes, { stream: true });
        },
      });
    } catch (error) {
      if (!isMidStreamError(error) || error.code !== "REQUEST_BLOCKED") throw error;
    }
    const findings = [...this.take(id)].sort((left, right) => left.range.start - right.range.start || left.range.end - right.range.end);
    return { findings, text: contentOf(events) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kernel.stop();
  }
}
