/** Every built-in plugin passes the conformance suite of its role, with the real native core. */
import { Buffer } from "node:buffer";
import { loadNative } from "../../native/bindings/load.ts";
import dynamics from "../../plugins/analyser/dynamics/index.ts";
import judge from "../../plugins/analyser/external-judge/index.ts";
import grounding from "../../plugins/analyser/grounding/index.ts";
import literals from "../../plugins/analyser/literals/index.ts";
import pattern from "../../plugins/analyser/pattern/index.ts";
import pii from "../../plugins/analyser/pii/index.ts";
import promptLeak from "../../plugins/analyser/prompt-leak/index.ts";
import quality from "../../plugins/analyser/quality/index.ts";
import repetition from "../../plugins/analyser/repetition/index.ts";
import rules from "../../plugins/analyser/rules/index.ts";
import secrets from "../../plugins/analyser/secrets/index.ts";
import structured from "../../plugins/analyser/structured-output/index.ts";
import toxicity from "../../plugins/analyser/toxicity/index.ts";
import annotate from "../../plugins/policy/annotate/index.ts";
import block from "../../plugins/policy/block/index.ts";
import escalate from "../../plugins/policy/escalate/index.ts";
import qualityGate from "../../plugins/policy/quality-gate/index.ts";
import redact from "../../plugins/policy/redact/index.ts";
import openaiCompatible from "../../plugins/provider/openai-compatible/index.ts";
import simulator from "../../plugins/provider/simulator/index.ts";
import log from "../../plugins/sink/log/index.ts";
import prometheus from "../../plugins/sink/prometheus/index.ts";
import memory from "../../plugins/store/memory/index.ts";
import http from "../../plugins/transport/http/index.ts";
import { testAnalyser, testPlugin, testPolicy, testProvider, testSink, testStore, testTransport } from "./index.ts";

const native = await loadNative();

testAnalyser(pii, {
  native,
  cases: [
    { name: "finds an address of mail", text: "Ask jane.doe@example.org, please.", findings: [{ rule: "email", start: 4, end: 24 }] },
    { name: "counts bytes, not characters", text: "Пишите: jane@example.org 😀", findings: [{ rule: "email", start: 14, end: 30 }] },
    { name: "finds nothing in prose", text: "The quick brown fox jumps over the lazy dog, twice.", findings: [] },
    { name: "reads JSON of tool calls", text: '{"to":"jane@example.org","n":4111111111111111}', channel: "tool-input" },
    { name: "takes text that ends in the middle of a match", text: "write to jane.doe@exam" },
  ],
});

testAnalyser(secrets, {
  native,
  cases: [
    { name: "finds nothing in prose", text: "The secret of a good answer is a good question.", findings: [] },
    {
      name: "gives the same findings for a key in a sentence",
      text: `use ${Buffer.from("QUtJQUlPU0ZPRE5ON0VYQU1QTEU=", "base64")} and go`,
    },
  ],
});

testAnalyser(literals, {
  native,
  config: { words: ["project aurora"] },
  cases: [{ name: "finds its words", text: "about Project Aurora.", findings: [{ rule: "word", start: 6, end: 20 }] }],
});

testAnalyser(repetition, {
  native,
  cases: [
    { name: "sees a loop wherever the text is cut", text: `Start. ${"and so on and on, ".repeat(30)}` },
    { name: "sees none in prose", text: "One sentence follows another, and none of them is like the one before.", findings: [] },
  ],
});

testAnalyser(dynamics, {
  native,
  config: { repeatedWords: 30 },
  cases: [
    {
      name: "sees sentences come back wherever the text is cut",
      text: "The pump waits for a reply. The valve is closed again now. ".repeat(20),
      findings: [{ rule: "low-novelty", start: 59, end: 500 }],
    },
    { name: "sees nothing in prose", text: "One sentence follows another, and none of them is like the one before.", findings: [] },
    { name: "leaves arguments of tools alone", text: `[${'{"level":1,"limit":2},'.repeat(200)}0]`, channel: "tool-input", findings: [] },
  ],
});

testAnalyser(rules, {
  native,
  config: { rules: { short: "G(answer.bytes <= 20)" } },
  cases: [
    { name: "breaks at its very byte", text: "One sentence follows another.", findings: [{ rule: "short", start: 20, end: 21 }] },
    { name: "says nothing of what it allows", text: "A short sentence.", findings: [] },
  ],
});

testAnalyser(pattern, {
  native,
  config: { patterns: { back: { phrases: ["money back"], maxEdits: 2 }, rhythm: { signal: "sentence-words", shape: [1, 4, 1] } } },
  cases: [
    { name: "sees a phrase with an error", text: "I want my mony back.", findings: [{ rule: "back", start: 10, end: 19 }] },
    { name: "sees a rhythm", text: "Now. It is very late. Yes. So go and sleep.", findings: [{ rule: "rhythm", start: 4, end: 26 }] },
    { name: "finds nothing in prose", text: "The quick brown fox jumps over the lazy dog, twice.", findings: [] },
  ],
});

testAnalyser(structured, {
  native,
  config: { content: "always" },
  cases: [
    { name: "sees the first impossible byte", text: '{"a": [1, 2}', findings: [{ rule: "syntax", start: 11, end: 12 }] },
    { name: "leaves valid JSON alone", text: '{"a": [1, 2]}', findings: [] },
  ],
});

testAnalyser(toxicity, {
  native,
  config: { debounce: 1 },
  cases: [
    {
      name: "judges a sentence when it is complete",
      text: "Hello. I will kill you. Bye.",
      findings: [{ rule: "threat", start: 7, end: 23 }],
    },
    { name: "finds nothing in prose", text: "The quick brown fox jumps over the lazy dog, twice. Kill the process.", findings: [] },
  ],
});

testAnalyser(quality, {
  native,
  cases: [
    {
      name: "sees a refusal with its sentence",
      text: "I'm sorry, but I can't assist with that. Good bye.",
      findings: [{ rule: "refusal", start: 0, end: 40 }],
    },
    { name: "finds nothing in a plain answer", text: "Tea is made of leaves. People drink it hot.", findings: [] },
  ],
});

testAnalyser(grounding, {
  native,
  cases: [
    {
      name: "gives the same findings wherever the text is cut",
      text: "It was sold on 31 February 2020 for 12 euros. See https://no.invalid/x now.",
    },
  ],
});

testAnalyser(promptLeak, {
  native,
  config: { canaries: ["violet-otter-7731"] },
  cases: [
    { name: "finds a canary", text: "It says violet-otter-7731 here.", findings: [{ rule: "canary", start: 8, end: 25 }] },
    { name: "finds nothing in prose", text: "The quick brown fox jumps over the lazy dog, twice.", findings: [] },
  ],
});

testAnalyser(judge, {
  native,
  config: { adapter: "openai-moderations", url: "http://127.0.0.1:1/v1/moderations", mode: "observe" },
  instances: { "transport/http/default": {} },
  cases: [{ name: "says nothing of what nobody judged", text: "One sentence follows another. Both are fine.", findings: [] }],
});

const found = { rule: "email", tag: "EMAIL", start: 4, end: 20 };

testPolicy(redact, {
  secrets: { KEY: "0123456789abcdef" },
  cases: [
    { name: "puts the tag in the place", text: "ask jane@example.org!", findings: [found], out: "ask [EMAIL]!" },
    {
      name: "does nothing in monitor mode",
      config: { mode: "monitor" },
      text: "ask jane@example.org!",
      findings: [found],
      out: "ask jane@example.org!",
    },
    { name: "numbers texts", config: { with: "pseudonym" }, text: "ask jane@example.org!", findings: [found], out: "ask [EMAIL_1]!" },
  ],
});

testPolicy(block, {
  config: { rules: ["email"], message: "Stopped" },
  cases: [
    { name: "ends the answer before the finding", text: "ask jane@example.org!", findings: [found], out: "ask ", blocked: "Stopped" },
  ],
});

testPolicy(escalate, {
  config: { ladder: [{ at: 1.5, action: "ask", message: "What for?" }] },
  instances: { "store/memory/default": {} },
  cases: [
    { name: "lets pass what is not enough", text: "ask jane@example.org!", findings: [found], out: "ask jane@example.org!" },
    {
      name: "ends the answer before the finding that is enough",
      text: "ask jane@example.org, or j@example.org.",
      findings: [found, { rule: "email", tag: "EMAIL", start: 25, end: 38, score: 0.75 }],
      out: "ask jane@example.org, or ",
      blocked: "What for?",
    },
  ],
});

testPolicy(qualityGate, {
  config: { block: ["email"], message: "Not good enough.", holdBytes: 64 },
  cases: [
    { name: "takes back what waits", text: "ask jane@example.org!", findings: [found], out: "", blocked: "Not good enough." },
    { name: "lets pass what is good", text: "ask jane@example.org!", findings: [], out: "ask jane@example.org!" },
  ],
});

testPolicy(annotate, {
  cases: [{ name: "changes nothing", text: "ask jane@example.org!", findings: [found], out: "ask jane@example.org!" }],
});

const chunk = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ id: "1", object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const stream = `${chunk({ role: "assistant", content: "" })}${chunk({ content: "при" })}: comment\n\n${chunk({ content: "вет 😀" })}${chunk({}, "stop")}`;

testProvider(openaiCompatible, {
  config: { baseUrl: "http://127.0.0.1:1/v1" },
  instances: { "transport/http/default": {} },
  cases: [
    { name: "reads a stream however it is cut", mode: "stream", body: `${stream}data: [DONE]\n\n`, text: "привет 😀" },
    { name: "reads a stream with CRLF", mode: "stream", body: `${stream}data: [DONE]\n\n`.replaceAll("\n", "\r\n"), text: "привет 😀" },
    { name: "says that a stream was cut", mode: "stream", body: chunk({ content: "half" }), text: "half", complete: false },
    {
      name: "reads a whole answer",
      mode: "unary",
      body: JSON.stringify({ choices: [{ index: 0, message: { role: "assistant", content: "whole" }, finish_reason: "stop" }] }),
      text: "whole",
    },
  ],
});

const body = { model: "simulator", stream: true, messages: [{ role: "user", content: "hi" }] };

testProvider(simulator, {
  config: { tokensPerSecond: 0, firstTokenMs: 0, tokens: 5 },
  cases: [],
  request: { model: "simulator", stream: true, choiceCount: 1, wantsUsage: false, dialect: "openai-chat", body, headers: {} },
});

testSink(prometheus);
// The log writes to the process's output, which is the test runner's: only what all plugins promise is tested here.
testPlugin(log, {});
testStore(memory);
testTransport(http);
