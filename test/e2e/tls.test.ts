/** TLS towards clients, with a certificate made on the spot; HTTP/3 on Bun. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type Gateway, startGateway } from "../../adapters/gateway.ts";
import { isMidStreamError } from "../../core/index.ts";

const folder = mkdtempSync(join(tmpdir(), "midstream-tls-"));
after(() => rmSync(folder, { recursive: true }));

/** Writes `NAME.pem` and `NAME.key` for 127.0.0.1; false where openssl is missing. */
function makeCertificate(name: string): boolean {
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
  const fresh = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  try {
    execFileSync("openssl", ["req", ...fresh, ...subject, "-keyout", `${name}.key`, "-out", `${name}.pem`], {
      cwd: folder,
      stdio: "ignore",
    });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

const hasOpenssl = makeCertificate("own") && makeCertificate("other");
const skipped = !hasOpenssl && "skipped: openssl is not installed";
writeFileSync(join(folder, "text.pem"), "no certificate");

const start = (server: object) =>
  startGateway(
    {
      server: { port: 0, ...server },
      plugins: { "provider/simulator/demo": { tokensPerSecond: 0 }, "analyser/pii/all": {}, "policy/redact/mask": {} },
      pipelines: {
        default: { providers: ["provider/simulator/demo"], analysers: ["analyser/pii/all"], policies: ["policy/redact/mask"], sinks: [] },
      },
    },
    { folder, log: () => {} },
  );

const own = { cert: { file: "own.pem" }, key: { file: "own.key" } };
const body = JSON.stringify({ model: "simulator", stream: true, messages: [{ role: "user", content: "hello" }] });
const headers = { "content-type": "application/json" };

/** Over HTTP/1.1, not verifying who answers: it has a certificate that nobody signed. */
function askHttps(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(`${url}/v1/chat/completions`, { method: "POST", headers, rejectUnauthorized: false }, (response) => {
      let text = "";
      response.on("data", (bytes: Uint8Array) => {
        text += new TextDecoder().decode(bytes);
      });
      response.on("end", () => resolve(text));
      response.on("error", reject);
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

async function refusal(server: object): Promise<string> {
  let gateway: Gateway | undefined;
  try {
    gateway = await start(server);
  } catch (error) {
    assert.ok(isMidStreamError(error));
    return `${error.code} ${error.message}`;
  } finally {
    await gateway?.stop();
  }
  return "started";
}

test("server.tls serves HTTPS, and the stream is the same", { skip: skipped }, async () => {
  const gateway = await start({ tls: own });
  try {
    assert.match(gateway.url, /^https:/);
    const text = await askHttps(gateway.url);
    assert.match(text, /\[EMAIL\]/);
    assert.match(text, /data: \[DONE\]\n\n$/);
  } finally {
    await gateway.stop();
  }
});

test("a certificate that cannot serve is refused by name, not by the TLS library's words", { skip: skipped }, async () => {
  const absent = await refusal({ tls: { cert: { file: "absent.pem" }, key: { env: "MIDSTREAM_NO_SUCH_VARIABLE" } } });
  assert.equal(
    absent,
    "CONFIG_INVALID server.tls.cert: the file absent.pem is not there\nserver.tls.key: the environment variable MIDSTREAM_NO_SUCH_VARIABLE is not there",
  );
  assert.equal(
    await refusal({ tls: { cert: { file: "text.pem" }, key: { file: "text.pem" } } }),
    "CONFIG_INVALID server.tls.cert: holds no certificate in PEM form\nserver.tls.key: holds no unencrypted private key in PEM form",
  );
  assert.equal(
    await refusal({ tls: { cert: { file: "own.pem" }, key: { file: "other.key" } } }),
    "CONFIG_INVALID server.tls.key: is not the key of the first certificate in server.tls.cert",
  );
});

test("server.http3 without server.tls is refused", async () => {
  assert.match(await refusal({ http3: true }), /^CONFIG_INVALID server\.http3: needs server\.tls/);
});

if ("Bun" in globalThis) {
  test("server.http3 answers, streams and is cancelled over QUIC, and HTTP/1.1 tells of it", { skip: skipped }, async () => {
    const gateway = await start({ tls: own, http3: true, maxBodyBytes: 65_536 });
    const ask = (content: string, signal?: AbortSignal) =>
      fetch(`${gateway.url}/v1/chat/completions`, {
        method: "POST",
        headers,
        body: content,
        protocol: "http3",
        tls: { rejectUnauthorized: false },
        ...(signal && { signal }),
      } as RequestInit);
    try {
      const answer = await (await ask(body)).text();
      assert.match(answer, /\[EMAIL\]/);
      assert.match(answer, /data: \[DONE\]\n\n$/);
      assert.equal((await ask("x".repeat(100_000))).status, 413);
      const leaving = new AbortController();
      const stalled = await ask(body.replace("hello", "#stall hello"), leaving.signal);
      await stalled.body?.getReader().read();
      leaving.abort();
      for (;;) {
        const ready = await fetch(`${gateway.url}/readyz`, { tls: { rejectUnauthorized: false } } as RequestInit);
        assert.match(ready.headers.get("alt-svc") ?? "", /^h3=/);
        if (((await ready.json()) as { openStreams: number }).openStreams === 0) break;
      }
    } finally {
      await gateway.stop();
    }
  });
} else {
  test("server.http3 is refused where the runtime has none", { skip: skipped }, async () => {
    assert.equal(await refusal({ tls: own, http3: true }), "CONFIG_INVALID server.http3: is not offered by this runtime; run on Bun");
  });
}
