/**
 * A native core for tests of the kernel, where the real one must not be needed: finds the words of literal rules, one finding for each,
 * and holds back what may become one. Its wire passes bytes through and understands three of them: `;` ends the message, `|` the answer,
 * `~` blocks it.
 */
import {
  type AnalyserPlan,
  type NativeCore,
  type NativePlan,
  type NativePlanSpec,
  type NativeSession,
  type NativeWire,
  newState,
  type WireSettings,
} from "../native/native-core.ts";
import { utf8Length } from "../pipeline/byte-text.ts";
import type { Finding } from "../stream/finding.ts";
import type { Channel } from "../stream/part.ts";

interface Word {
  readonly analyser: string;
  readonly rule: string;
  readonly tag: string;
  readonly word: string;
}

const wordsOf = (plan: AnalyserPlan): Word[] =>
  (plan.literals ?? []).flatMap(({ id, tag, words }) => words.map((word) => ({ analyser: plan.id, rule: id, tag, word })));

/** The words of one analyser in one block. */
class WordSearch {
  private readonly words: readonly Word[];
  private text = "";
  private searched = 0;

  constructor(words: readonly Word[]) {
    this.words = words;
  }

  /** Reports each word with its UTF-16 offset; returns the first offset that may still begin one. */
  push(text: string, report: (word: Word, at: number) => void): number {
    this.text += text;
    while (this.searched < this.text.length) {
      const at = this.searched;
      const word = this.words.find((candidate) => this.text.startsWith(candidate.word, at));
      if (word !== undefined) {
        report(word, at);
        this.searched += word.word.length;
      } else if (this.words.some((candidate) => candidate.word.startsWith(this.text.slice(at)))) {
        break;
      } else {
        this.searched += 1;
      }
    }
    return this.searched;
  }

  bytesTo(offset: number): number {
    return utf8Length(this.text.slice(0, offset));
  }
}

class FakeSession implements NativeSession {
  private readonly words: readonly (readonly Word[])[];
  private readonly blocks = new Map<string, WordSearch[]>();
  private found: Finding[] = [];

  constructor(words: readonly (readonly Word[])[]) {
    this.words = words;
  }

  push(choice: number, block: number, channel: Channel, text: string): number {
    const key = `${choice}/${block}`;
    const searches = this.blocks.get(key) ?? this.words.map((words) => new WordSearch(words));
    this.blocks.set(key, searches);
    const safe = searches.map((search) => {
      const upto = search.push(text, ({ analyser, rule, tag, word }, at) => {
        const start = search.bytesTo(at);
        const range = { start, end: start + utf8Length(word) };
        this.found.push({ analyser, rule, tag, choice, block, channel, range, from: start, score: 1 });
      });
      return search.bytesTo(upto);
    });
    return Math.min(...safe);
  }

  end(): void {}

  takeFindings(): readonly Finding[] {
    const taken = this.found;
    this.found = [];
    return taken;
  }

  [Symbol.dispose](): void {}
}

class FakeWire implements NativeWire {
  readonly state = newState();
  disposed = 0;

  feed(chunk: Uint8Array): Uint8Array {
    const text = new TextDecoder().decode(chunk);
    this.state.started = true;
    if (text.includes(";")) this.state.messageEnd = true;
    if (text.includes("|")) this.state.done = true;
    if (text.includes("~")) {
      this.state.blocked = true;
      this.state.done = true;
    }
    return chunk;
  }

  drain(): Uint8Array {
    return new Uint8Array();
  }

  end(reason: string): Uint8Array {
    this.state.failed = true;
    this.state.done = true;
    return new TextEncoder().encode(`<${reason}>`);
  }

  takeRecords() {
    return [];
  }

  [Symbol.dispose](): void {
    this.disposed += 1;
  }
}

/** What was asked of the fake. */
export interface FakeNative extends NativeCore {
  readonly compiled: NativePlanSpec[];
  readonly wires: { readonly settings: WireSettings; readonly wire: FakeWire }[];
  disposedPlans: number;
}

/** Makes a fake. */
export function fakeNative(): FakeNative {
  const native: FakeNative = {
    version: "fake",
    abi: 0,
    compiled: [],
    wires: [],
    disposedPlans: 0,
    compileGuard() {
      throw new TypeError("The fake core guards no JSON");
    },
    compileDetector() {
      throw new TypeError("The fake core judges no text");
    },
    compileRules() {
      throw new TypeError("The fake core knows no temporal rules");
    },
    temporal: {
      similarity() {
        throw new TypeError("The fake core compares nothing");
      },
      classify() {
        throw new TypeError("The fake core knows no regimes");
      },
    },
    compile(spec): NativePlan {
      native.compiled.push(spec);
      const words = spec.analysers.map(wordsOf);
      return {
        rules: words.flat().map(({ analyser, rule, tag }) => ({ analyser, rule, tag })),
        memoryBytes: 1,
        openSession: () => new FakeSession(words),
        openWire(settings) {
          const wire = new FakeWire();
          native.wires.push({ settings, wire });
          return wire;
        },
        scan: () => [],
        [Symbol.dispose]() {
          native.disposedPlans += 1;
        },
      };
    },
  };
  return native;
}
