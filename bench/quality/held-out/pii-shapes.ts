/**
 * Question: does `analyser/pii` find a value wherever a sentence, a mark-up or a file can put it, with both ends right, and leave alone what only looks
 * like one?
 *
 * Values are made at run time (pii-values.ts). Must not know the rules. MIDSTREAM_QUALITY_VERBOSE=1 prints what was missed.
 */

import type { Outcome, Scan } from "../suite.ts";
import { gated, type Kind, reported } from "./pii-values.ts";
import { Numbers } from "./secret-values.ts";

const seed = 20_261_123;
/** Least share of a gated kind's values that must be found exactly, where it is not `leastOfAll`: a full-width colon continues an IPv6 address. */
const least: Readonly<Record<string, number>> = { IPv6: 0.95 };
const leastOfAll = 0.97;
/** Least share of the values in any one place. */
const leastInPlace = 0.95;
/** Greatest share of the look-alikes that may hold a finding. */
const mostAlarms = 0.02;
const verbose = process.env.MIDSTREAM_QUALITY_VERBOSE !== undefined;

/** Places; `{v}` stands for the value, `{w}` for the word that it may need. */
const places: Readonly<Record<string, string>> = {
  begin: "{w}{v} is what I noted.",
  middle: "Please keep {w}{v} for later use.",
  end: "Here it is: {w}{v}",
  stop: "I wrote it down as {w}{v}.",
  comma: "It is {w}{v}, I think.",
  question: "Was it {w}{v}? Or {w}{v}!",
  parentheses: "The entry ({w}{v}) is old.",
  "double quotes": `They sent "{w}{v}" to us.`,
  "single quotes": "They sent '{w}{v}' to us.",
  "angle brackets": "Jane Doe <{v}> wrote: {w}",
  "square brackets": "The field [{w}{v}] is set.",
  "inline code": "Use `{w}{v}` here.",
  bold: "It is **{w}{v}** now.",
  italic: "It is *{w}{v}* now.",
  cell: "| name | {w}{v} |\n| --- | --- |",
  item: "- {w}{v}\n- none\n",
  json: `{"note": "{w}{v}", "n": 1}`,
  "json, escaped": `"body": "{\\"note\\":\\"{w}{v}\\"}"`,
  "code fence": "```\n{w}{v}\n```\n",
  setting: "note={w}{v}\n",
  csv: "note,{w}{v},end\n",
  html: "<td>{w}{v}</td>",
  tab: "note\t{w}{v}\tend",
  lines: "first line\n{w}{v}\nlast line",
  semicolon: "first; {w}{v}; last",
  dash: "It was so \u2014 {w}{v} \u2014 they said.",
  chinese: "\u8bf7\u8bb0\u4e0b\uff1a{w}{v}\u3002",
};

/** Look like personal data and are none. `#` is a digit, `N` a digit that is not 0, `h` a hexadecimal digit. */
const lookalikes: readonly string[] = [
  "Order 2024-######-## was shipped.",
  "Invoice INV-2026-0####",
  "Ticket #N#####",
  "SKU 48#-22#-1",
  "Part number 7#####-0#",
  "ISBN 978-3-16-1484##-0",
  "ISBN 0-306-40615-2",
  "ISSN 2049-3630",
  "EAN 4006381333931",
  "DOI 10.1000/xyz1##",
  "On 2026-03-04 and 04.03.2026, 03/04/2026.",
  "Between 2010-2019 and 1990/91",
  "At 12:20:39.123, then 23:59:59",
  "2026-03-04T12:00:01.123456Z",
  "20260304120001",
  "Version 1.2.3, 10.15.7, 2.0.0-rc.1",
  "Python 3.11.4, GCC 13.2.0",
  "Chrome/12#.0.6478.127",
  "kernel 6.8.0-41-generic",
  "build 22621.1992.N##",
  "Oracle 19.3.0.0.0",
  "1.3.6.1.4.1.311.21.20",
  "id-at-commonName 2.5.4.3",
  "openssl-3.0.2.15.tar.gz",
  "libfoo.so.1.20.30.4",
  "numpy==1.26.40.1",
  "commit hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh",
  "sha256:hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh",
  "md5 hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh",
  "uuid hhhhhhhh-hhhh-4hhh-8hhh-hhhhhhhhhhhh",
  'etag "hhhhhhhhhhhh"',
  "#hhhhhh and #hhh",
  "0xhhhhhhhh",
  "fingerprint hh:hh:hh:hh:hh:hh:hh:hh:hh:hh:hh:hh:hh:hh:hh:hh",
  "48.8584, 2.2945",
  "40.7128\u00b0 N, 74.0060\u00b0 W",
  "lat=52.52000##, lng=13.40495##",
  "bbox 5.98865807458 47.3024876979",
  "$1,234,567.89 or 1.234.567,89 EUR",
  "Price: 1 299,00 \u20ac",
  "12 345 678 people",
  "1,234,567,890 rows",
  "3.14159265358979",
  "6.022e23",
  "99.99999%",
  "score 10-7-3, 6-4 6-3",
  "ratio 16:9, 4:3",
  "1:1000 scale",
  "pages 123-456, 1024-2048",
  "chapters 3.1.2.4",
  "Section 4.3.2.1 of the manual",
  "[2026-03-04 12:00:01] INFO 12345 --- [main] c.e.App : Started",
  "127 passed, 3 failed in 12.34s",
  "pid=12345 tid=67890 rc=0",
  "x=1024 y=768 w=1920 h=1080",
  "range(100, 200, 300)",
  "array[::2], a[1:10:2]",
  "std::vector<int>::size()",
  "10:30-11:45, 12.00-13.00",
  "foo@bar",
  "@decorator",
  "user@localhost",
  "a @ b",
  "x@y.z1",
  "img@2x.png",
  "pkg@1.2.3",
  "npm i a@10.0.1",
  "San Francisco, CA 94103-1234",
  "Boston, MA 02110-1301, USA",
  "SW1A 1AA",
  "75008 Paris",
  "D-10115 Berlin",
  "ZIP: 10001-0001",
  "PO Box 12345-6789",
  "timestamp 17#########",
  "1748503543012 ms",
  "epoch: 1700000000",
  "id: N#########",
  "user_id=1000000N#",
  "n = 12345678901",
  "port 8080, 65535",
  "size 1073741824 bytes",
  "0000 0000 0000 0000",
  "1234 5678 9012 3456",
  "tracking 1Z999AA101234567##",
  "flight LH 454, seat 12A",
  "TCP 443/8443",
  "RFC 4291, ISO 8601-1:2019",
  "CVE-2024-12345",
  "KB5034441",
  "HTTP/1.1 200 1234",
  "E = 1.602176634e-19",
  "Room 12-345",
  "Bus 100-200-300",
  "CEP: 01310-1##",
  "Call the function with 10, 20, 30.",
  "The call took 1234.5678 ms.",
  "Contact form version 10.2.3 of 2024-01-15",
  "Mobile build 10.0.19045.3803 from 2024",
  "The signal is 12.5 dB at 2400-2483 MHz.",
  "Dial tone 440 Hz, 350 Hz",
  "Reach 1,000,000 users by 2030-2035.",
  "phone: null, mobile: false, fax: none",
  "Phone 15 Pro Max 256 GB, 6.7 in",
  "Customer service hours: 09:00-17:00, Mon 08.30-12.30",
  "HP: 100/250, MP 30/30",
  "Registered on 2023-11-05 14:22:33",
  "Registered: 05.11.2023 to 31.12.2024",
  "Text me the ISBN 978-0-306-40615-7.",
  "The telephone was patented on 7 March 1876 (US 174,465).",
  "Cell A1:B20, cells 1-100",
  "cell: 10000 x 20000",
];

interface Tally {
  texts: number;
  hits: number;
}
const add = (tallies: Map<string, Tally>, key: string, hit: boolean): void => {
  const tally = tallies.get(key) ?? { texts: 0, hits: 0 };
  tallies.set(key, { texts: tally.texts + 1, hits: tally.hits + (hit ? 1 : 0) });
};

/** The text and the byte ranges at which the value stands. */
export const textOf = (place: string, word: string, value: string): { text: string; ranges: [number, number][] } => {
  const template = places[place] ?? "{w}{v}";
  const text = template.replaceAll("{w}", () => word).replaceAll("{v}", () => value);
  const ranges: [number, number][] = [];
  for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + value.length)) {
    const start = Buffer.byteLength(text.slice(0, at));
    ranges.push([start, start + Buffer.byteLength(value)]);
  }
  return { text, ranges };
};

function scoreKind(
  scan: Scan,
  { kind, rules, word, make }: Kind,
  numbers: Numbers,
  tallies: readonly [kinds: Map<string, Tally>, places: Map<string, Tally>],
): void {
  for (const place of Object.keys(places)) {
    // A word before the value is not before it there.
    if (place === "angle brackets" && word !== "") continue;
    const { text, ranges } = textOf(place, word, make(numbers));
    const found = scan("pii", text);
    const hit = ranges.every(([start, end]) =>
      found.some(({ rule, range }) => rules.includes(rule) && range.start === start && range.end === end),
    );
    add(tallies[0], kind, hit);
    add(tallies[1], place, hit);
    if (verbose && !hit)
      console.log(
        `pii shape missed (${kind}, ${place}): ${JSON.stringify(text)} found ${found.map(({ rule, range }) => `${rule} ${range.start}-${range.end}`)}`,
      );
  }
}

/** `scan` runs the analyser's default config on one text. */
export async function run(scan: Scan): Promise<Outcome> {
  const numbers = new Numbers(seed);
  const kinds = new Map<string, Tally>();
  const inPlaces = new Map<string, Tally>();
  const others = new Map<string, Tally>();
  for (const kind of gated) scoreKind(scan, kind, numbers, [kinds, inPlaces]);
  for (const kind of reported) scoreKind(scan, kind, numbers, [others, new Map()]);
  const alarms: Tally = { texts: 0, hits: 0 };
  for (const form of lookalikes) {
    for (let round = 0; round < 5; round += 1) {
      const text = form.replaceAll(/[#N]|(?<![a-zA-Z])h+(?![a-zA-Z])|h{6,}/g, (sign) =>
        sign.startsWith("h")
          ? numbers.of("0123456789abcdef", sign.length)
          : String(sign === "#" ? numbers.below(10) : 1 + numbers.below(9)),
      );
      const found = scan("pii", text);
      alarms.texts += 1;
      alarms.hits += found.length > 0 ? 1 : 0;
      if (verbose && found.length > 0)
        console.log(`pii shape ${found.map(({ rule, score }) => `${rule} ${score.toFixed(2)}`)}: ${JSON.stringify(text)}`);
    }
  }
  const table: Record<string, unknown>[] = [];
  const failures: string[] = [];
  const share = ({ hits, texts }: Tally): number => Math.round((hits * 1_000) / texts) / 1_000;
  for (const [kind, tally] of kinds) {
    table.push({ kind, values: tally.texts, recall: share(tally) });
    const wanted = least[kind] ?? leastOfAll;
    if (tally.hits / tally.texts < wanted) failures.push(`pii shapes: ${kind} ${share(tally)}, least ${wanted}`);
  }
  for (const [kind, tally] of others) table.push({ kind, values: tally.texts, recall: share(tally) });
  for (const [place, tally] of inPlaces) {
    table.push({ kind: `in place: ${place}`, values: tally.texts, recall: share(tally) });
    if (tally.hits / tally.texts < leastInPlace) failures.push(`pii shapes: ${share(tally)} in place ${place}, least ${leastInPlace}`);
  }
  table.push({ kind: "look-alikes", values: alarms.texts, alarms: alarms.hits });
  if (alarms.hits / alarms.texts > mostAlarms) failures.push(`pii shapes: findings in ${alarms.hits} of ${alarms.texts} look-alikes`);
  return { table, failures, gates: kinds.size + inPlaces.size + 1 };
}
