/** Peer: the smallest honest gateway. Pipes the upstream's body natively and never sees a token. */
import { Hono } from "hono";

const upstream = process.env.UPSTREAM ?? "http://127.0.0.1:9470/v1";
const app = new Hono();

app.post("/v1/chat/completions", async (context) => {
  const response = await fetch(`${upstream}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: await context.req.raw.arrayBuffer(),
    signal: context.req.raw.signal,
  });
  return new Response(response.body, {
    status: response.status,
    headers: { "content-type": response.headers.get("content-type") ?? "application/octet-stream" },
  });
});

Bun.serve({ hostname: "127.0.0.1", port: Number(process.env.PORT), idleTimeout: 0, fetch: app.fetch });
