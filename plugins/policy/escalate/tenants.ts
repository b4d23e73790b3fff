/**
 * What is known of tenants, in a store: one read when a request comes, one write when its answer brought evidence.
 *
 * Tenants' names stay outside: keys and logs carry a hash. Must not know findings.
 */
import { createHash } from "node:crypto";
import type { Store } from "../../../core/plugin/index.ts";
import { added, decayed, type Rung, type Standing, unknown } from "./ladder.ts";

/** What it needs. */
export interface TenantsSettings {
  /** Instance id: two ladders over one store do not mix. */
  readonly id: string;
  readonly store: Store;
  readonly rungs: readonly Rung[];
  readonly halfLifeMs: number;
  readonly now: () => number;
  readonly log: (event: string, fields: Readonly<Record<string, string | number | boolean>>) => void;
}

/** Evidence that is as good as none: entries live until theirs has decayed to it. */
const negligible = 1e-3;

/** A tenant's name as keys and logs have it. */
export const tenantKey = (name: string): string => createHash("sha256").update(name).digest("hex").slice(0, 32);

/** The tenants of one instance. */
export class Tenants {
  private readonly settings: TenantsSettings;
  /** Reads and writes of one tenant come one after the other. */
  private readonly turns = new Map<string, Promise<unknown>>();

  constructor(settings: TenantsSettings) {
    this.settings = settings;
  }

  /** How a tenant stands now. @throws whatever the store throws */
  standing(tenant: string): Promise<Standing> {
    const nowMs = this.settings.now();
    return this.inTurn(tenant, () => this.read(tenant, nowMs));
  }

  /** Adds an answer's evidence. Never rejects. */
  async add(tenant: string, weight: number): Promise<void> {
    // As of now, not of its turn.
    const nowMs = this.settings.now();
    try {
      await this.inTurn(tenant, async () => {
        const before = await this.read(tenant, nowMs);
        const after = added(this.settings.rungs, before, weight);
        const { store, halfLifeMs } = this.settings;
        const ttlMs = Math.ceil(halfLifeMs * Math.max(1, Math.log2(after.evidence / negligible)));
        await store.set(this.key(tenant), JSON.stringify(after), { ttlMs });
        this.tell(tenant, before, after);
      });
    } catch {
      // The answer is over: the evidence is lost, and the operator is told.
      this.settings.log("escalate-store-failed", { tenant: tenant.slice(0, 12) });
    }
  }

  /** Resolves when nothing is being written any more. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.turns.values()]);
  }

  private async read(tenant: string, nowMs: number): Promise<Standing> {
    const { store, rungs, halfLifeMs } = this.settings;
    const text = await store.get(this.key(tenant));
    const kept = text === undefined ? unknown(nowMs) : (standingOf(text) ?? unknown(nowMs));
    return decayed(rungs, kept, { nowMs, halfLifeMs });
  }

  private inTurn<T>(tenant: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.turns.get(tenant) ?? Promise.resolve()).then(work, work);
    this.turns.set(tenant, turn);
    const leave = () => {
      if (this.turns.get(tenant) === turn) this.turns.delete(tenant);
    };
    turn.then(leave, leave);
    return turn;
  }

  private tell(tenant: string, before: Standing, after: Standing): void {
    if (before.level === after.level) return;
    const action = this.settings.rungs[after.level - 1]?.action ?? "none";
    const evidence = Number(after.evidence.toFixed(3));
    this.settings.log("escalate-level", { tenant: tenant.slice(0, 12), from: before.level, to: after.level, action, evidence });
  }

  private key(tenant: string): string {
    return `${this.settings.id}/${tenant}`;
  }
}

/** What a store kept, or undefined where it is something else. */
function standingOf(text: string): Standing | undefined {
  if (text.length > 256) return undefined;
  try {
    const { evidence, level, atMs } = JSON.parse(text) as Record<string, unknown>;
    const isStanding =
      [evidence, level, atMs].every((value) => typeof value === "number" && Number.isFinite(value)) && (evidence as number) >= 0;
    return isStanding ? { evidence: evidence as number, level: level as number, atMs: atMs as number } : undefined;
  } catch {
    // Not ours: as good as no entry.
    return undefined;
  }
}
