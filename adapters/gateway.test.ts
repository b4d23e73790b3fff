import assert from "node:assert/strict";
import { test } from "node:test";
import { isMidStreamError } from "../core/index.ts";
import { type Gateway, startGateway } from "./gateway.ts";

const config = (server: object = {}) => ({
  server: { port: 0, ...server },
  plugins: { "provider/simulator/demo": { tokensPerSecond: 0 } },
  pipelines: { default: { providers: ["provider/simulator/demo"], sinks: [] } },
});

interface Line {
  readonly event: string;
  readonly keys?: unknown;
}

async function withGateway(use: (gateway: Gateway, log: Line[]) => Promise<void>): Promise<void> {
  const log: Line[] = [];
  const gateway = await startGateway(config(), { log: (event, fields) => log.push({ event, ...fields }) });
  try {
    await use(gateway, log);
  } finally {
    await gateway.stop();
  }
}

test("a reload says once that it was, and names the keys that only a restart can take", async () => {
  await withGateway(async (gateway, log) => {
    await gateway.reload(config({ firstPartMs: 7, keepAliveMs: 8, requestTimeoutMs: 9_000, drainMs: 10, setupTimeoutMs: 11_000 }));
    assert.deepEqual(log, [{ event: "config-reloaded", revision: 2 }]);
    await gateway.reload(config({ cors: { origins: ["https://a.example"] }, maxBodyBytes: 2_048, maxStreams: 3, firstPartMs: 8 }));
    await gateway.reload(config({ port: 1, host: "127.0.0.2", receiveTimeoutMs: 1, maxHeaderBytes: 2_048 }));
    await gateway.reload(config());
    assert.deepEqual(log.slice(1), [
      { event: "config-reloaded", revision: 3 },
      { event: "restart-needed", keys: "server.cors, server.maxBodyBytes, server.maxStreams" },
      { event: "config-reloaded", revision: 4 },
      { event: "restart-needed", keys: "server.host, server.port, server.maxHeaderBytes, server.receiveTimeoutMs" },
      { event: "config-reloaded", revision: 5 },
    ]);
  });
});

test("a reload with a certificate that cannot be used is refused whole", async () => {
  await withGateway(async (gateway, log) => {
    const tls = { cert: { file: "absent.pem" }, key: { file: "absent.key" } };
    const refused = await gateway.reload(config({ tls })).then(
      () => undefined,
      (error: unknown) => error,
    );
    assert.ok(isMidStreamError(refused));
    assert.equal(refused.code, "CONFIG_INVALID");
    assert.match(refused.message, /server\.tls\.cert: the file absent\.pem is not there/);
    assert.deepEqual(log, []);
    assert.equal(gateway.kernel.describe().revision, 1);
  });
});
