import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createServer } from "node:tls";
import { isMidStreamError } from "../../../core/errors/midstream-error.ts";
import { collect, connectorWith, get, never } from "./testing.ts";

/** A certificate for `localhost`, signed by an authority of its own, made on the spot: keys do not belong into a repository. */
function certificates(): { readonly ca: string; readonly cert: string; readonly key: string } | undefined {
  const folder = mkdtempSync(join(tmpdir(), "midstream-tls-"));
  const run = (...options: string[]) => execFileSync("openssl", options, { cwd: folder, stdio: "ignore" });
  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  try {
    const fresh = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    run("req", "-x509", ...fresh, "-days", "2", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test authority");
    run(
      "req",
      ...fresh,
      "-keyout",
      "server.key",
      "-out",
      "server.csr",
      "-subj",
      "/CN=localhost",
      "-addext",
      "subjectAltName=DNS:localhost",
    );
    const sign = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-copy_extensions", "copy"];
    run("x509", "-req", "-in", "server.csr", ...sign, "-days", "2", "-out", "server.pem");
    return { ca: read("ca.pem"), cert: read("server.pem"), key: read("server.key") };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const files = certificates();

async function serve(): Promise<{ readonly port: number; readonly requests: string[] } & AsyncDisposable> {
  const requests: string[] = [];
  const server = createServer({ cert: files!.cert, key: files!.key }, (socket) => {
    socket.on("error", () => {}); // A client that does not trust us resets.
    socket.on("data", (chunk) => {
      requests.push(chunk.toString("latin1"));
      socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\nsecret\r\n0\r\n\r\n");
    });
  });
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

const skipped = "skipped: openssl is not installed";

test("speaks TLS to a server of a trusted authority, and keeps the connection", async () => {
  if (files === undefined) {
    console.log(skipped);
    return;
  }
  await using server = await serve();
  await using connector = connectorWith({}, { ca: files.ca });
  for (let count = 0; count < 2; count++) {
    const response = await connector.connect(get(`https://localhost:${server.port}/v1`), { signal: never, rawBody: false });
    assert.equal((await collect(response)).text, "secret");
  }
  assert.equal(server.requests.length, 2);
});

test("sends nothing to a server of an unknown authority or with another name", async () => {
  if (files === undefined) {
    console.log(skipped);
    return;
  }
  await using server = await serve();
  for (const [host, ca] of [
    ["localhost", undefined],
    ["127.0.0.1", files.ca],
  ] as const) {
    await using connector = connectorWith({}, ca === undefined ? {} : { ca });
    const request = { ...get(`https://${host}:${server.port}/v1`), headers: [["authorization", "Bearer key"]] as const };
    await assert.rejects(
      connector.connect(request, { signal: never, rawBody: false }),
      (error) => isMidStreamError(error) && error.code === "PROVIDER_UNREACHABLE",
      host,
    );
  }
  assert.deepEqual(server.requests, []);
});
