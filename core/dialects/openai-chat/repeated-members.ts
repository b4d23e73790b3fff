/**
 * Members that stand twice in one object. `JSON.parse` takes the last one, other readers the first: whatever is analysed, some client reads
 * the other. Such a frame is refused, as native/wire/src/names.rs does.
 */

/** Members that are read anywhere in a chunk or a whole answer. */
const read = new Set(
  (
    "choices usage x_groq error id created model system_fingerprint index delta message finish_reason logprobs content reasoning_content " +
    "reasoning reasoning_details refusal tool_calls function_call function custom arguments input audio transcript text summary thinking " +
    "prompt_tokens completion_tokens total_tokens input_tokens output_tokens"
  ).split(" "),
);

/** Members whose values are looked into; inside of others nothing is read. */
const entered = new Set(
  "choices delta message content reasoning reasoning_content reasoning_details tool_calls function custom function_call audio usage x_groq".split(
    " ",
  ),
);

const quote = 34;
const colon = 58;
const backslash = 92;
const openBrace = 123;
const closeBrace = 125;
const openBracket = 91;
const closeBracket = 93;

/** Offset behind the string that starts at `at`. */
function stringEnd(json: string, at: number): number {
  for (let next = at + 1; ; next += 1) {
    const code = json.charCodeAt(next);
    if (code === backslash) next += 1;
    else if (code === quote || Number.isNaN(code)) return next + 1;
  }
}

/** The name between its quotes, escapes read. */
function nameOf(json: string, start: number, end: number): string {
  const raw = json.slice(start + 1, end - 1);
  return raw.includes("\\") ? (JSON.parse(json.slice(start, end)) as string) : raw;
}

function isKey(json: string, end: number): boolean {
  let at = end;
  while (json.charCodeAt(at) <= 32) at += 1;
  return json.charCodeAt(at) === colon;
}

/** Whether any object that is read has a member twice. `json` is valid JSON. */
export function repeatsMember(json: string): boolean {
  /** Names of each open object that is read; undefined for arrays, and for what is not read. */
  const open: (string[] | undefined)[] = [];
  let [level, isRead] = [0, true];
  /** Depth at which reading stopped. */
  let silent = Number.POSITIVE_INFINITY;
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (code === quote) {
      const end = stringEnd(json, at);
      const names = open[level - 1];
      if (level < silent && names !== undefined && isKey(json, end)) {
        const name = nameOf(json, at, end);
        if (names.includes(name)) return true;
        if (read.has(name)) names.push(name);
        isRead = entered.has(name);
      }
      at = end - 1;
    } else if (code === openBrace || code === openBracket) {
      if (!isRead && level < silent) silent = level + 1;
      open[level] = code === openBrace ? [] : undefined;
      level += 1;
    } else if (code === closeBrace || code === closeBracket) {
      level -= 1;
      if (level < silent) silent = Number.POSITIVE_INFINITY;
      // Items of an array that is read are read.
      isRead = open[level - 1] === undefined && level > 0 ? silent > level : true;
    }
  }
  return false;
}
