/** The description of this door in OpenAPI 3.1, served at /openapi.json. */

const json = (schema: object) => ({ "application/json": { schema } });
const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const failure = (description: string) => ({ description, content: json(reference("Error")) });

const chatRequest = {
  type: "object",
  required: ["model", "messages"],
  description: "OpenAI's chat-completions request; fields that are not named here reach the upstream unchanged",
  additionalProperties: true,
  properties: {
    model: { type: "string", description: "Chooses the pipeline and, by the provider's mapping, the upstream's model" },
    messages: { type: "array", items: { type: "object", additionalProperties: true } },
    stream: { type: "boolean", default: false },
    n: { type: "integer", minimum: 1, maximum: 128, default: 1 },
    stream_options: { type: "object", properties: { include_usage: { type: "boolean", default: false } }, additionalProperties: true },
  },
};

const responseHeaders = {
  "x-request-id": { description: "Identifies the request in logs", schema: { type: "string" } },
  "x-midstream-provider": { description: "Instance id of the provider that answered", schema: { type: "string" } },
  "x-midstream-gateway-ms": { description: "Milliseconds spent in the gateway before the upstream answered", schema: { type: "string" } },
};

/** Builds the document for one version of MidStream. */
export function openApiDocument(version: string): object {
  return {
    openapi: "3.1.0",
    info: {
      title: "MidStream",
      version,
      description: "A gateway that analyses a language model's answer while it streams",
      license: { name: "Apache-2.0" },
    },
    paths: {
      "/v1/chat/completions": {
        post: {
          operationId: "createChatCompletion",
          summary: "Ask a model; the answer is analysed and acted on in flight",
          requestBody: { required: true, content: json(reference("ChatRequest")) },
          responses: {
            200: {
              description:
                "The answer: one object, or a stream of chat.completion.chunk events that ends with [DONE] or with an error event",
              headers: responseHeaders,
              content: { ...json({ type: "object", additionalProperties: true }), "text/event-stream": { schema: { type: "string" } } },
            },
            400: failure("The request is invalid; `param` names the field"),
            403: failure("A page of an origin that is not allowed sent it"),
            404: failure("No pipeline serves this model"),
            408: failure("The body took too long to arrive"),
            413: failure("The body is too large"),
            502: failure("The upstream failed"),
            503: failure("The gateway is at its limit; see Retry-After"),
            504: failure("The upstream took too long"),
          },
        },
      },
      "/v1/models": {
        get: {
          operationId: "listModels",
          summary: "Models that the pipelines serve",
          responses: { 200: { description: "A list", content: json({ type: "object" }) } },
        },
      },
      "/v1/models/{model}": {
        get: {
          operationId: "retrieveModel",
          summary: "One of them",
          parameters: [{ name: "model", in: "path", required: true, schema: { type: "string" }, description: "May have slashes" }],
          responses: { 200: { description: "The model", content: json({ type: "object" }) }, 404: failure("No provider lists it") },
        },
      },
      "/healthz": { get: { operationId: "health", summary: "The process is up", responses: { 200: { description: "Up" } } } },
      "/readyz": {
        get: {
          operationId: "ready",
          summary: "The gateway accepts requests",
          responses: { 200: { description: "Ready" }, 503: { description: "Stopping" } },
        },
      },
      "/metrics": {
        get: {
          operationId: "metrics",
          summary: "Prometheus text exposition 0.0.4",
          responses: { 200: { description: "Metrics", content: { "text/plain": { schema: { type: "string" } } } } },
        },
      },
    },
    components: {
      schemas: {
        ChatRequest: chatRequest,
        Error: {
          type: "object",
          required: ["error"],
          properties: {
            error: {
              type: "object",
              required: ["message", "type", "param", "code"],
              properties: {
                message: { type: "string" },
                type: { type: "string" },
                param: { type: ["string", "null"] },
                code: { type: ["string", "null"] },
              },
            },
          },
        },
      },
    },
  };
}
