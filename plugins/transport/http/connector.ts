/** The own HTTP/1.1 client on the runtime's sockets. Must not know plugins. */
import { MidStreamError } from "../../../core/errors/midstream-error.ts";
import { type Clock, Deadlines } from "../../../core/kernel/deadlines.ts";
import { cancellationOf } from "../../../core/plugin/cancellation.ts";
import type { Transport, UpstreamRequest } from "../../../core/plugin/contract.ts";
import { Connection } from "./connection.ts";
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
  const { config, clock, ca } = settings;
  const deadlines = new Deadlines(clock, intervalOf(config));
  const pool = new Pool(config.maxIdleConnections, deadlines);
  const active = new Set<Exchange>();
  const targets = new Map<string, Target>();
  const heads: KnownHeads = new WeakMap();
  const hooks = { open: settings.open, lost: (connection: Connection) => pool.remove(connection) };
  const host: ExchangeHost = {
    config,
    deadlines,
    pool,
    dial: (target) => new Connection(target.origin, target, hooks),
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

  const open = (request: UpstreamRequest, how: Parameters<Transport["connect"]>[1]): Exchange => {
    if (stopped) throw new MidStreamError("KERNEL_STOPPING", "The transport is stopped");
    const target = remembered(request.url);
    const cancellation = how.cancellation ?? cancellationOf(how.signal);
    const exchange = new Exchange(host, target, encodeRequest(target, request, heads), { cancellation, rawBody: how.rawBody });
    active.add(exchange);
    return exchange;
  };

  return {
    // Not an async function: the exchange's own promise is the only one.
    connect(request, how) {
      try {
        return open(request, how).start();
      } catch (error) {
        return Promise.reject(error);
      }
    },
    async [Symbol.asyncDispose]() {
      stopped = true;
      for (const exchange of active) exchange.stop();
      pool.close();
      deadlines.close();
    },
  };
}
