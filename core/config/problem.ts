/** One thing wrong with a config file; all of them are reported at once. */
import { isMidStreamError, MidStreamError } from "../errors/midstream-error.ts";
import { formatPath, type PathKey } from "./path.ts";

/** Where and what. Never holds a value of the file, only its class. */
export interface Problem {
  /** `plugins["analyser/pii/all"].rulez`. */
  readonly path: string;
  /** `unknown key`; lower case, no period. */
  readonly message: string;
  /** Nearest known word: `rules`. */
  readonly suggestion?: string;
}

/** A problem at a place, with a hint where there is one. */
export function problemOf(at: readonly PathKey[], message: string, suggestion?: string): Problem {
  return { path: formatPath(at), message, ...(suggestion !== undefined && { suggestion }) };
}

/** `plugins["analyser/pii/all"].rulez: unknown key (did you mean "rules"?)` */
export function formatProblem(problem: Problem): string {
  const hint = problem.suggestion === undefined ? "" : ` (did you mean "${problem.suggestion}"?)`;
  return `${problem.path === "" ? "config" : problem.path}: ${problem.message}${hint}`;
}

/** The error of a config that cannot be used; one line for each problem. */
export function configError(problems: readonly Problem[]): MidStreamError {
  return new MidStreamError("CONFIG_INVALID", problems.map(formatProblem).join("\n"), { cause: problems });
}

/** The problems that a CONFIG_INVALID error carries; empty for any other error. */
export function problemsOf(error: unknown): readonly Problem[] {
  return isMidStreamError(error) && error.code === "CONFIG_INVALID" && Array.isArray(error.cause) ? error.cause : [];
}
