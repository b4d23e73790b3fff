/** `midstream/testing`: one conformance suite for each role. They test what a plugin declares. */
export { type AnalyserCase, type AnalyserSettings, testAnalyser } from "./analyser.ts";
export { type PluginSettings, testPlugin } from "./plugin.ts";
export { type PolicyCase, type PolicySettings, testPolicy } from "./policy.ts";
export { type ProviderCase, type ProviderSettings, testProvider } from "./provider.ts";
export { sinkEvents, testSink } from "./sink.ts";
export { testStore } from "./store.ts";
export { testTransport } from "./transport.ts";
