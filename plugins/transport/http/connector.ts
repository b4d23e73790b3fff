/** The own HTTP/1.1 client on the runtime's sockets. Must not know plugins. */
import { MidStreamError } from "../../../core/errors/midstream-error.ts";
import { cancellationOf } from "../../../core/plugin/cancellation.ts";
import type { Transport } from "../../../core/plugin/contract.ts";
import { Connection } from "./connection.ts";
import { type Clock, Deadlines } from "./deadlines.ts";
import { Exchange, type ExchangeHost } from "./exchange.ts";
import { Pool } from "./pool.ts";
import { encodeRequest, type KnownHeads, type Target, targetOf } from "./request.ts";
import type { HttpConfig } from "./schema.ts";
import type { OpenSocket } from "./socket.ts";

/** Addresses remembered in their parsed form; providers have a handful. */
const maxTargets = 256;

/** What the client needs from outside. */
export interface ConnectorSettings {
  readonly config: HttpConfig;
  readonly clock: Clock;
  readonly open: OpenSocket;
  /** Certificate authorities in PEM form. */
  readonly ca?: string;
}

/** How often time-outs are looked at, in milliseconds: an eighth of the shortest, between 5 and 250. */
function intervalOf(config: HttpConfig): number {
  const limits = [config.connectTimeoutMs, config.firstByteTimeoutMs, config.idleTimeoutMs, config.totalTimeoutMs, config.keepAliveMs];
  const shortest = Math.min(...limits.filter((limit) => limit > 0));
  return Math.min(250, Math.max(5, Math.floor(shortest / 8)));
}

/** Disposal closes idle connections and fails what is still under way. */
export function createSocketConnector(settings: ConnectorSettings): Transport & AsyncDisposable {
  const { config, clock, open, ca } = settings;
  const deadlines = new Deadlines(clock, intervalOf(config));
  const pool = new Pool(config.maxIdleConnections, deadlines);
  const active = new Set<Exchange>();
  const targets = new Map<string, Target>();
  const heads: KnownHeads = new WeakMap();
  const host: ExchangeHost = {
    config,
    deadlines,
    pool,
    dial: (target) => new Connection(target.origin, target, { open, lost: (connection) => pool.remove(connection) }),
    over: (exchange) => active.delete(exchange),
  };
  let stopped = false;

  const remembered = (url: string): Target => {
    const known = targets.get(url);
    if (known !== undefined) return known;
    const target = targetOf(url, ca);
    if (targets.size >= maxTargets) targets.clear();
    targets.set(url, target);
    return target;
  };

  return {
    async connect(request, how) {
      if (stopped) throw new MidStreamError("KERNEL_STOPPING", "The transport is stopped");
      const target = remembered(request.url);
      const cancellation = how.cancellation ?? cancellationOf(how.signal);
      const exchange = new Exchange(host, target, encodeRequest(target, request, heads), { cancellation, rawBody: how.rawBody });
      active.add(exchange);
      return exchange.start();
    },
    async [Symbol.asyncDispose]() {
      stopped = true;
      for (const exchange of active) exchange.stop();
      pool.close();
    },
  };
}
