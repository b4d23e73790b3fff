/** One thing wrong with a config file; all of them are reported at once. */

/** Where and what. Never holds a value of the file, only its class. */
export interface Problem {
  /** `plugins["analyser/pii/all"].rulez`. */
  readonly path: string;
  /** `unknown key`; lower case, no period. */
  readonly message: string;
  /** Nearest known word: `rules`. */
  readonly suggestion?: string;
}

/** `plugins["analyser/pii/all"].rulez: unknown key (did you mean "rules"?)` */
export function formatProblem(problem: Problem): string {
  const hint = problem.suggestion === undefined ? "" : ` (did you mean "${problem.suggestion}"?)`;
  return `${problem.path === "" ? "config" : problem.path}: ${problem.message}${hint}`;
}
