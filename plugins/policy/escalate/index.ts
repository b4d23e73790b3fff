/**
 * `policy/escalate`: findings are evidence; the more of it a tenant has, the more is done: told, slowed, asked, blocked.
 *
 * What an answer's findings bring about depends on the evidence that its tenant had when the request came and on the findings, not on
 * time: however its text came, it ends at the same byte. Must not know how anything is found.
 */
import { ruleMatches } from "../../../core/pipeline/glob.ts";
import {
  type DeltaPart,
  definePlugin,
  type Finding,
  type ModelRequest,
  type PluginContext,
  type PolicySession,
  type RequestVerdict,
  type Session,
  type Verdict,
} from "../../../core/plugin/index.ts";
import { added, rungOf, type Standing, unknown } from "./ladder.ts";
import { PacedBlock, type PaceSettings } from "./pace.ts";
import { type EscalateConfig, escalateConfig } from "./schema.ts";
import { Tenants, tenantKey } from "./tenants.ts";

/** Most text of a block that waits for its pace, in bytes. */
const maxHeldBytes = 65_536;

type Rungs = readonly (EscalateConfig["ladder"][number] & { readonly down: number })[];

/** How a request began. */
interface Opening {
  /** Undefined: the request did not say whose it is. */
  readonly tenant: string | undefined;
  readonly standing: Standing;
}

/** Longest name of a tenant, in characters. */
const maxTenant = 1_024;

function tenantOf({ headers, body }: ModelRequest, from: EscalateConfig["tenant"]): string | undefined {
  const name = "header" in from ? headers[from.header] : body[from.body];
  return typeof name === "string" && name !== "" ? tenantKey(name.slice(0, maxTenant)) : undefined;
}

/** Evidence of a finding; 0 where none of the signals is about it. */
function weightOf({ analyser, rule, score }: Finding, signals: EscalateConfig["signals"]): number {
  const type = analyser.split("/")[1] ?? "";
  const signal = signals.find(({ match }) => ruleMatches(match, type, rule));
  return signal === undefined || score < signal.minScore ? 0 : signal.weight * score;
}

/** One answer. */
class Escalation implements PolicySession {
  private readonly of: { readonly config: EscalateConfig; readonly rungs: Rungs; readonly now: () => number; readonly tenants: Tenants };
  private readonly tenant: string | undefined;
  private standing: Standing;
  private gathered = 0;
  private readonly blocks = new Map<string, PacedBlock>();
  /** Choices that it has ended: what was found behind that end is no evidence, as it never came where the text came in pieces. */
  private readonly ended = new Set<number>();

  constructor(of: Escalation["of"], { tenant, standing }: Opening) {
    this.of = of;
    this.tenant = tenant;
    this.standing = standing;
  }

  decide(part: DeltaPart, found: readonly Finding[]): Verdict {
    const { config, rungs, now } = this.of;
    const block = this.block(part.choice, part.block);
    if (this.pace !== undefined) block.slow(now());
    if (part.delta !== "") block.take(part.delta);
    let verdict: Verdict = { action: "release" };
    for (const finding of found) {
      const weight = weightOf(finding, config.signals);
      if (weight === 0 || this.ended.has(finding.choice)) continue;
      this.gathered += weight;
      this.standing = added(rungs, this.standing, weight);
      const { level } = this.standing;
      const rung = rungOf(rungs, level, "block") ?? rungOf(rungs, level, "ask");
      if (rung === undefined || config.mode === "monitor") continue;
      this.ended.add(finding.choice);
      verdict = { action: "block", from: finding.from, rule: finding.rule, message: rung.message };
    }
    if (this.pace !== undefined) for (const each of this.blocks.values()) each.slow(now());
    return verdict;
  }

  holdFrom(choice: number, number: number): number | undefined {
    const { pace } = this;
    return pace === undefined ? undefined : this.blocks.get(`${choice}/${number}`)?.holdFrom(this.of.now(), pace);
  }

  mayEnd(choice: number, number: number): boolean {
    return this.holdFrom(choice, number) === undefined;
  }

  [Symbol.dispose](): void {
    if (this.tenant !== undefined && this.gathered > 0) void this.of.tenants.add(this.tenant, this.gathered);
  }

  private get pace(): PaceSettings | undefined {
    const { config, rungs } = this.of;
    const rung = config.mode === "monitor" ? undefined : rungOf(rungs, this.standing.level, "slow");
    return rung && { bytesPerSecond: rung.bytesPerSecond, maxDelayMs: rung.maxDelayMs, maxHeldBytes };
  }

  private block(choice: number, number: number): PacedBlock {
    const key = `${choice}/${number}`;
    const known = this.blocks.get(key) ?? new PacedBlock();
    this.blocks.set(key, known);
    return known;
  }
}

function createPolicy(config: EscalateConfig, context: PluginContext) {
  const { now, log, id } = context;
  const rungs: Rungs = config.ladder.map((rung) => ({ ...rung, down: rung.down ?? rung.at / 2 }));
  const store = context.use("store", config.store);
  const tenants = new Tenants({ id, store, rungs, halfLifeMs: config.halfLifeMs, now, log });
  /** From the request to its answer. */
  const openings = new WeakMap<Session, Opening>();
  return {
    async request(request: ModelRequest, session: Session): Promise<RequestVerdict> {
      const tenant = tenantOf(request, config.tenant);
      if (tenant === undefined) return { action: "release" };
      const standing = await tenants.standing(tenant);
      openings.set(session, { tenant, standing });
      const rung = config.mode === "monitor" ? undefined : rungOf(rungs, standing.level, "block");
      return rung === undefined ? { action: "release" } : { action: "block", message: rung.message };
    },
    begin(session: Session): PolicySession {
      return new Escalation({ config, rungs, now, tenants }, openings.get(session) ?? { tenant: undefined, standing: unknown(now()) });
    },
    async [Symbol.asyncDispose]() {
      await tenants.settled();
    },
  };
}

export default definePlugin({
  api: 1,
  role: "policy",
  type: "escalate",
  description: "Does more the more a tenant's answers give reason to: log, slow down, ask, block; forgets with time",
  config: escalateConfig,
  capabilities: { reads: [], holdBytes: maxHeldBytes, streams: true, cost: "light", onFailure: "closed" },
  requires: (config) => [config.store],
  setup: async (config, context) => createPolicy(config, context),
});
