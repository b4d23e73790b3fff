/** A whole MidStream in this process: real native core, real sockets, port 0. */
import { type Gateway, startGateway } from "../../adapters/gateway.ts";

/** Starts a gateway in front of one upstream, with all detection and redaction on; `pipeline` overrides parts of the pipeline. */
export async function startTestGateway(
  upstreamUrl: string,
  pipeline: object = {},
  more: { plugins?: object; server?: object; modules?: readonly string[] } = {},
): Promise<Gateway & AsyncDisposable> {
  const gateway = await startGateway(
    {
      server: { host: "127.0.0.1", port: 0, ...more.server },
      ...(more.modules && { modules: [...more.modules] }),
      plugins: {
        "provider/openai-compatible/up": { baseUrl: upstreamUrl },
        "analyser/pii/all": {},
        "analyser/secrets/all": {},
        "policy/redact/mask": {},
        "policy/block/stop": { rules: ["pii/email"] },
        "sink/prometheus/metrics": {},
        ...more.plugins,
      },
      pipelines: {
        default: {
          providers: ["provider/openai-compatible/up"],
          analysers: ["analyser/pii/all", "analyser/secrets/all"],
          policies: ["policy/redact/mask"],
          sinks: ["sink/prometheus/metrics"],
          ...pipeline,
        },
      },
    },
    // Tests say by themselves what went wrong.
    { log: () => {} },
  );
  return Object.assign(gateway, { [Symbol.asyncDispose]: () => gateway.stop() });
}
