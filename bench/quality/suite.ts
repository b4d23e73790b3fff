/** What a quality bench gets and gives. */
import type { Finding } from "../../core/stream/finding.ts";

/** Runs an analyser's default config on one text. */
export type Scan = (analyserType: string, text: string) => readonly Finding[];

/** What a quality bench is. */
export interface Outcome {
  /** Rows for the table: one a rule or data set. */
  readonly table: Record<string, unknown>[];
  /** One line for each gate that did not hold; empty = all hold. */
  readonly failures: string[];
  /** How many gates were checked. */
  readonly gates: number;
}
