/** What a plugin's author needs, in one import: `midstream/plugin`. */
export * from "../errors/codes.ts";
export * from "../errors/midstream-error.ts";
export type * from "../native/native-core.ts";
export type * from "../native/rule.ts";
export * from "../stream/conversation.ts";
export * from "../stream/finding.ts";
export * from "../stream/model-request.ts";
export * from "../stream/part.ts";
export * from "../stream/verdict.ts";
export * from "./cancellation.ts";
export * from "./contract.ts";
export * from "./kept-sessions.ts";
export * from "./text-watch.ts";
