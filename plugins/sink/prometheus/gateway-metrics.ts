/** Which numbers a gateway is watched by, and which event moves which. */
import type { SinkEvent } from "../../../core/plugin/contract.ts";
import { Counter, type Distribution, Histogram } from "./metrics.ts";

/** What an operator may set. */
export interface GatewayMetricsSettings {
  /** First word of every name. */
  readonly prefix: string;
  readonly maxSeries: number;
  /** Upper bounds of the histograms of durations, in seconds, rising. */
  readonly durationBuckets: readonly number[];
  /** Upper bounds of the histogram of text held back, in bytes, rising. */
  readonly heldBuckets: readonly number[];
}

type RequestEnd = Extract<SinkEvent, { readonly type: "request-end" }>;

const seconds = (ms: number): number => ms / 1_000;

/** What one kind of request's end moves. A series is shown from its first number on, so some come later. */
interface EndSeries {
  readonly requests: { value: number };
  readonly durations: Distribution;
  answered?: { readonly held: Distribution; readonly gatewayTimes: Distribution };
  firstBytes?: Distribution;
}

/** No label holds what a client wrote: not the model's name, not the session. */
export class GatewayMetrics {
  private readonly requests: Counter;
  private readonly errors: Counter;
  private readonly findings: Counter;
  private readonly verdicts: Counter;
  private readonly passedOver: Counter;
  private readonly failures: Counter;
  private readonly tokens: Counter;
  private readonly held: Histogram;
  private readonly durations: Histogram;
  private readonly firstBytes: Histogram;
  private readonly gatewayTimes: Histogram;
  private readonly ends = new Map<string, EndSeries>();
  private readonly maxSeries: number;

  constructor({ prefix, maxSeries, durationBuckets, heldBuckets }: GatewayMetricsSettings) {
    this.maxSeries = maxSeries;
    const counter = (name: string, help: string, labels: readonly string[]) =>
      new Counter({ name: `${prefix}_${name}`, help, labels, maxSeries });
    const histogram = (name: string, help: string, bounds: readonly number[]) =>
      new Histogram({ name: `${prefix}_${name}`, help, labels: ["pipeline"], maxSeries, bounds });
    this.requests = counter("requests_total", "Requests that ended", ["pipeline", "provider", "stream", "path", "outcome"]);
    this.errors = counter("request_errors_total", "Requests that ended with an error, by its code", ["pipeline", "code"]);
    this.findings = counter("findings_total", "What analysers saw", ["pipeline", "analyser", "rule", "channel"]);
    this.verdicts = counter("verdicts_total", "What policies decided about findings", ["pipeline", "policy", "action", "outcome"]);
    this.passedOver = counter("provider_failures_total", "Providers in whose place another one was asked", [
      "pipeline",
      "provider",
      "code",
    ]);
    this.failures = counter("plugin_failures_total", "Calls into plugins that failed", ["plugin", "code"]);
    this.tokens = counter("tokens_total", "Tokens as providers counted them", ["pipeline", "provider", "direction"]);
    this.held = histogram("held_bytes", "Most text of an answer that was held back at once, in bytes", heldBuckets);
    this.durations = histogram("request_duration_seconds", "From the request to the end of its answer", durationBuckets);
    this.firstBytes = histogram("first_byte_seconds", "From the request to the first byte of the answer's body", durationBuckets);
    this.gatewayTimes = histogram("gateway_seconds", "Time in the gateway before the upstream was called", durationBuckets);
  }

  record(event: SinkEvent): void {
    switch (event.type) {
      case "finding":
        this.findings.add([event.pipeline, event.finding.analyser, event.finding.rule, event.finding.channel]);
        break;
      case "verdict":
        this.verdicts.add([event.pipeline, event.verdict.policy, event.verdict.action, event.verdict.outcome]);
        break;
      case "provider-failure":
        this.passedOver.add([event.pipeline, event.provider, event.code]);
        break;
      case "plugin-failure":
        this.failures.add([event.plugin, event.code]);
        break;
      case "request-end":
        this.endRequest(event);
        break;
    }
  }

  /** Families in a fixed order; empty ones are left out. */
  text(): string {
    const families = [
      this.requests,
      this.errors,
      this.findings,
      this.verdicts,
      this.passedOver,
      this.failures,
      this.tokens,
      this.held,
      this.durations,
      this.firstBytes,
      this.gatewayTimes,
    ];
    return families.map((family) => family.text()).join("");
  }

  private endRequest(event: RequestEnd): void {
    const { pipeline, provider, usage } = event;
    const series = this.seriesOf(event);
    series.requests.value += 1;
    if (event.errorCode !== undefined) this.errors.add([pipeline, event.errorCode]);
    if (usage !== undefined) {
      this.tokens.add([pipeline, provider, "input"], usage.inputTokens);
      this.tokens.add([pipeline, provider, "output"], usage.outputTokens);
    }
    this.durations.observeIn(series.durations, seconds(event.durationMs));
    // A request that was turned away has no answer to time or to hold back.
    if (event.path === "none") return;
    series.answered ??= {
      held: this.held.series([pipeline]),
      gatewayTimes: this.gatewayTimes.series([pipeline]),
    };
    this.held.observeIn(series.answered.held, event.maxHeldBytes);
    this.gatewayTimes.observeIn(series.answered.gatewayTimes, seconds(event.gatewayMs));
    if (event.firstByteMs < 0) return;
    series.firstBytes ??= this.firstBytes.series([pipeline]);
    this.firstBytes.observeIn(series.firstBytes, seconds(event.firstByteMs));
  }

  /** Looked up once for each set of labels: a request would join and look up seven of them. */
  private seriesOf({ pipeline, provider, stream, path, outcome }: RequestEnd): EndSeries {
    // No id holds a NUL.
    const key = `${pipeline}\u0000${provider}\u0000${stream}\u0000${path}\u0000${outcome}`;
    const known = this.ends.get(key);
    if (known !== undefined) return known;
    const series: EndSeries = {
      requests: this.requests.series([pipeline, provider, String(stream), path, outcome]),
      durations: this.durations.series([pipeline]),
    };
    if (this.ends.size < this.maxSeries) this.ends.set(key, series);
    return series;
  }
}
