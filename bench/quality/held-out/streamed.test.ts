import assert from "node:assert/strict";
import { test } from "node:test";
import type { Finding } from "../../../core/stream/finding.ts";
import { loadNative } from "../../../native/bindings/load.ts";
import { analyserPlan } from "../plan.ts";
import { textOf as piiText } from "./pii-shapes.ts";
import { gated, reported } from "./pii-values.ts";
import { textOf as secretText } from "./secret-shapes.ts";
import { files } from "./secret-shapes-files.ts";
import { settings } from "./secret-shapes-settings.ts";
import { Numbers } from "./secret-values.ts";

const places = ["begin", "middle", "stop", "json", "chinese", "code fence", "cell", "lines"];

test("the shipped rules find the same in a text of any shape, however it is cut", async () => {
  const native = await loadNative();
  const analysers = await Promise.all(
    ["secrets", "pii"].map(async (type) => ({ ...(await analyserPlan(type)), id: `analyser/${type}/all` })),
  );
  const plan = native.compile({ analysers, actions: [] });
  const numbers = new Numbers(4_242);
  const texts = [
    ...[...settings, ...files].map((shape) => secretText(shape, numbers).text),
    ...[...gated, ...reported].map(({ word, make }) => piiText(places[numbers.below(places.length)] ?? "", word, make(numbers)).text),
    ...["OID 2.16.840.1.101.3.4, 10.0.0.1. Then", "2.5.29.37.", "10.0.0.1.", "10.0.0.1/99", "fe80::8a2e:1: down", "CA 94103-1234"],
  ];
  const told = (findings: readonly Finding[]) => findings.map(({ rule, score, range }) => [rule, score, range.start, range.end]);
  for (const text of texts) {
    using session = plan.openSession();
    const characters = [...text];
    for (let at = 0; at < characters.length; ) {
      const length = 1 + numbers.below(9);
      session.push(0, 0, "content", characters.slice(at, at + length).join(""));
      at += length;
    }
    session.end(0, 0);
    assert.deepEqual(told(session.takeFindings()), told(plan.scan(text)), text);
  }
});
