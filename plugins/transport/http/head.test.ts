import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import fc from "fast-check";
import { findHeadEnd, parseHead } from "./head.ts";

const head = (...lines: string[]) => new Uint8Array(Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"));

/** What a head says, by the shortest means: no places, no bytes. */
function oracle(lines: readonly string[]): Map<string, string> {
  const all = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, "");
    all.set(name, all.has(name) ? `${all.get(name)}, ${value}` : value);
  }
  return all;
}

const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}$/).filter((name) => !/^(transfer-encoding|content-length)$/i.test(name));
const value = fc.stringMatching(/^[\t\x20-\x7e\x80-\xff]{0,20}$/);
const repeated = fc.constantFrom("X-Id", "x-id", "x-ID", "Connection", "content-TYPE");
const field = fc.tuple(fc.oneof(token, repeated), fc.constantFrom(":", ": ", ":\t  "), value).map((parts) => parts.join(""));

test("any fields read as the shortest reader reads them, whatever their case and however often they stand", () => {
  fc.assert(
    fc.property(fc.array(field, { maxLength: 20 }), fc.uint8Array({ maxLength: 8 }), (lines, behind) => {
      const bytes = head("HTTP/1.1 200 OK", ...lines);
      const all = new Uint8Array([...bytes, ...behind]);
      const { headers, status } = parseHead(all, findHeadEnd(all, 0));
      const expected = oracle(lines);
      assert.equal(status, 200);
      assert.deepEqual([...headers], [...expected]);
      assert.equal(headers.size, expected.size);
      for (const [name, text] of expected) assert.equal(headers.get(name), text);
      assert.deepEqual([...headers.keys()], [...expected.keys()]);
      assert.deepEqual([...headers.values()], [...expected.values()]);
      assert.equal(headers.has("no-such-field-here"), false);
    }),
    { numRuns: 300 },
  );
});

test("folded fields become one line, and count as the plain ones do", () => {
  const { headers } = parseHead(head("HTTP/1.1 200 OK", "X-Long: a", "\t b", "x-long: c", "Y: d"));
  assert.deepEqual([...headers], [["x-long", "a b, c"], ["y", "d"]]); // biome-ignore format: one row
});

test("status lines are taken as RFC 9112 has them, and nothing else is", () => {
  for (const [line, status] of [
    ["HTTP/1.1 200 OK", 200],
    ["HTTP/1.0 599 ", 599],
    ["HTTP/1.1 100", 100],
    ["HTTP/1.1 404 \xe9t\xe9", 404],
  ] as const) {
    assert.equal(parseHead(head(line)).status, status);
    assert.equal(parseHead(new Uint8Array(Buffer.from(`${line}\n\n`, "latin1"))).status, status);
  }
  const wrong = [
    "HTTP/1.2 200 OK",
    "HTTP/2 200 OK",
    "HTTP/1.1  200 OK",
    "HTTP/1.1 99 OK",
    "HTTP/1.1 020 OK",
    "HTTP/1.1 2000",
    "http/1.1 200 OK",
  ];
  for (const line of [...wrong, "HTTP/1.1 20x OK", "HTTP/1.1 200\tOK", "HTTP/1.1 200\r OK", "HTTP/1.1 20", ""]) {
    assert.throws(() => parseHead(head(line)), { code: "PROVIDER_BAD_RESPONSE" }, JSON.stringify(line));
  }
});
