/** The questions that bench/gateway asks, with the load that answers each and the bar that the answer must pass. */

/** One load. `mock` and `load` are command-line options of the rig's programs (see `rig.ts`). */
export interface LoadCase {
  readonly id: string;
  readonly question: string;
  readonly mock: readonly string[];
  readonly load: readonly string[];
  /** Gateways that take part, by id. */
  readonly gateways: readonly string[];
  /** Runs of each gateway, interleaved; the table shows medians. */
  readonly rounds: number;
  /** Another upstream and another load on it, which run meanwhile and are not measured. */
  readonly beside?: { readonly mock: readonly string[]; readonly load: readonly string[] };
}

const few = { mock: ["-n", "2000", "-m", "10", "-j"], load: ["-c", "20", "-w", "1", "-d", "5"], gateways: ["midstream-flow"], rounds: 3 };

const everyone = ["relay", "hono", "midstream-none", "midstream", "midstream-flow", "midstream-parts", "midstream-deno", "portkey"];

/** In the order in which they run. */
export const loadCases: readonly LoadCase[] = [
  {
    id: "paced",
    question: "What does a token cost? 300 streams of 200 tokens, one every 10 ms",
    mock: ["-n", "200", "-m", "10", "-j"],
    load: ["-c", "300", "-w", "2", "-d", "6"],
    gateways: everyone,
    rounds: 5,
  },
  {
    id: "many",
    question: "How many streams fit? 9,900 streams at 5 tokens a second",
    mock: ["-n", "200", "-m", "200", "-j"],
    load: ["-c", "9900", "-r", "4000", "-w", "6", "-d", "8"],
    gateways: ["relay", "hono", "midstream"],
    rounds: 1,
  },
  {
    id: "short",
    question: "How many short answers? 3 events each, 64 connections",
    mock: ["-n", "3", "-m", "0", "-b", "10"],
    load: ["-c", "64", "-w", "1", "-d", "4"],
    gateways: ["relay", "hono", "midstream-none", "midstream", "portkey"],
    rounds: 3,
  },
  { id: "few", question: "Alone: 20 streams, a token every 10 ms", ...few },
  {
    id: "flood",
    question: "Are they delayed by others? The same beside 40 streams whose upstream sends as fast as it is read",
    ...few,
    beside: { mock: ["-n", "1000000", "-m", "0", "-b", "10"], load: ["-c", "40", "-w", "1", "-d", "7", "-H", "x-flood: 1"] },
  },
  {
    id: "slow-client",
    question: "Does a client that never reads grow the process? 100 clients, upstream at full speed",
    mock: ["-n", "1000000", "-m", "0", "-b", "10"],
    load: ["-c", "100", "-w", "1", "-d", "5", "-s"],
    gateways: ["hono", "midstream"],
    rounds: 1,
  },
  {
    id: "leak",
    question: "Does it leak? 50,000 streams of 10 tokens",
    mock: ["-n", "10", "-m", "0", "-b", "10"],
    load: ["-c", "200", "-w", "0.5", "-d", "30"],
    gateways: ["midstream"],
    rounds: 1,
  },
  {
    id: "abort",
    question: "Do clients that leave leak? They hang up after 5 tokens, 20,000 times",
    mock: ["-n", "200", "-m", "1", "-j"],
    load: ["-c", "200", "-w", "0.5", "-d", "30", "-a", "5"],
    gateways: ["midstream"],
    rounds: 1,
  },
];
