/** Personal data made at run time from what the formats' documents allow (RFC 5321, number plans, ISO 7812, ISO 13616, RFC 4291, BIP 173). Must not know the rules. */
import { createHash } from "node:crypto";
import type { Numbers } from "./secret-values.ts";

/** A kind of value. */
export interface Kind {
  readonly kind: string;
  /** Rules of which one must find it. */
  readonly rules: readonly string[];
  /** What must stand before it: a word that says what it is. Empty = the value speaks for itself. */
  readonly word: string;
  readonly make: (numbers: Numbers) => string;
}

const digits = "0123456789";
const lower = "abcdefghijklmnopqrstuvwxyz";
const hex = "0123456789abcdef";
const of = (numbers: Numbers, list: readonly string[]): string => list[numbers.below(list.length)] ?? "";

/** Puts random digits for `#` (not 0 for `N`), 2 to 9 for `X`. */
const fill = (form: string, numbers: Numbers): string =>
  form.replaceAll(/[#NX]/g, (sign) =>
    String(sign === "#" ? numbers.below(10) : sign === "N" ? 1 + numbers.below(9) : 2 + numbers.below(8)),
  );

const kinds = (kind: string, rules: readonly string[], word: string, makers: readonly ((numbers: Numbers) => string)[]): Kind[] =>
  makers.map((make) => ({ kind, rules, word, make }));
const forms = (kind: string, rules: readonly string[], word: string, list: readonly string[]): Kind[] =>
  kinds(
    kind,
    rules,
    word,
    list.map((form) => (numbers) => fill(form, numbers)),
  );

// RFC 5321 section 4.1.2, RFC 5322 section 3.2.3, RFC 6531.
const name = (numbers: Numbers): string => numbers.of(lower, 4 + numbers.below(6));
const email = kinds("e-mail", ["email"], "", [
  (n) => `${name(n)}@${name(n)}.com`,
  (n) => `${name(n)}.${name(n)}@${name(n)}.co.uk`,
  (n) => `${name(n)}+${name(n)}@${name(n)}.org`,
  (n) => `${name(n)}_${fill("##", n)}@mail.${name(n)}.io`,
  (n) => `${name(n)}-${name(n)}@a.b.${name(n)}.example.net`,
  (n) => `${name(n).toUpperCase()}@${name(n).toUpperCase()}.DE`,
  (n) => `o'${name(n)}@${name(n)}.ie`,
  (n) => `${fill("N####", n)}@${name(n)}.edu`,
  (n) => `x@${name(n)}.me`,
  (n) => `${name(n)}@${name(n)}.${of(n, ["photography", "international", "technology", "museum", "travel"])}`,
  (n) => `${name(n)}@xn--${name(n)}-kva.com`,
  (n) => `${name(n)}@${name(n)}.xn--p1ai`,
  (n) => `${name(n)}@${name(n)}ü${name(n)}.de`,
  (n) => `jos\u00e9.${name(n)}@${name(n)}.es`,
  (n) => `${name(n)}@${fill("###", n)}.com`,
  (n) => `${name(n)}@${name(n)}-${name(n)}.com.au`,
]);
const emailOdd = kinds("e-mail, rare forms", ["email"], "", [
  (n) => `"${name(n)} ${name(n)}"@${name(n)}.com`,
  (n) => `"${name(n)}@${name(n)}"@${name(n)}.com`,
  (n) => `${name(n)}/${name(n)}@${name(n)}.com`,
  (n) => `${name(n)}=${name(n)}@${name(n)}.com`,
  (n) => `${name(n)}!${name(n)}@${name(n)}.org`,
  (n) => `${name(n)}#${name(n)}@${name(n)}.org`,
  (n) => `${name(n)}&${name(n)}@${name(n)}.org`,
  (n) => `${name(n)}~@${name(n)}.org`,
  (n) => `${name(n)}@[192.0.2.${n.below(256)}]`,
  (n) => `${name(n)}@\u4f8b\u3048.\u30c6\u30b9\u30c8`,
  (n) => `${name(n)}@${name(n)}.\u4e2d\u56fd`,
]);

/** National forms of the most populous countries, as their number plans and directories print them. */
const national = [
  "9#### #####",
  "0##### #####".replace("0#####", "09####"),
  "138 #### ####",
  "139########",
  "010-6### ####",
  "(415) X##-####",
  "415-X##-####",
  "415.X##.####",
  "415 X## ####",
  "0812-3###-####",
  "(021) 5##-####",
  "0812 3### ####",
  "0301 #######",
  "0301-#######",
  "0803 ### ####",
  "0803#######",
  "(11) 9####-####",
  "11 9####-####",
  "(11) 3###-####",
  "01712-######",
  "01712######",
  "8 (912) ###-##-##",
  "8 912 ###-##-##",
  "8(495)###-##-##",
  "55 5### ####",
  "(55) 5### ####",
  "090-####-####",
  "03-3###-####",
  "0917 ### ####",
  "0917-###-####",
  "0100 ### ####",
  "010 0### ####",
  "091 ### ## ##",
  "0912 ### ###",
  "0532 ### ## ##",
  "(0532) ### ## ##",
  "0912 ### ####",
  "0912-###-####",
  "030 2######",
  "030/2######",
  "0151 2#######",
  "0151/2#######",
  "(030) 2######",
  "081 ### ####",
  "081-###-####",
  "020 79## ####",
  "07700 900###",
  "(020) 79## ####",
  "06 1# ## ## ##",
  "06.1#.##.##.##",
  "01 42 ## ## ##",
  "347 ### ####",
  "06 69## ####",
];
const international = [
  "+91 9#### #####",
  "+919#########",
  "+86 138 #### ####",
  "+1 (415) X##-####",
  "+1-415-X##-####",
  "+1.415.X##.####",
  "+1415X######",
  "+62 812-3###-####",
  "+92 301 #######",
  "+234 803 ### ####",
  "+55 (11) 9####-####",
  "+55 11 9####-####",
  "+880 1712-######",
  "+7 (912) ###-##-##",
  "+7 912 ### ## ##",
  "+52 55 5### ####",
  "+81 90-####-####",
  "+81-90-####-####",
  "+63 917 ### ####",
  "+20 100 ### ####",
  "+84 91 ### ## ##",
  "+90 532 ### ## ##",
  "+98 912 ### ####",
  "+49 30 2######",
  "+49 (0)30 2######",
  "+49 151 2#######",
  "+66 81 ### ####",
  "+44 20 79## ####",
  "+44 7700 900###",
  "+33 6 1# ## ## ##",
  "+39 347 ### ####",
  "+251 91 1## ####",
  "0049 30 2######",
  "00 44 20 79## ####",
];
const phoneRules = ["phone", "ru-phone"];
const phones = [
  ...forms("telephone, international", phoneRules, "", international),
  ...forms("telephone, national with a word", phoneRules, "Phone: ", national),
  ...forms("telephone, national with a word", phoneRules, "call me at ", national),
];
/** Without a word only some shapes are telling; the share is reported and not gated. */
const phonesAlone = forms("telephone, national alone", phoneRules, "", national);

/** Luhn's check digit (ISO/IEC 7812-1 annex B). */
const luhn = (body: string): string => {
  const sum = [...body].reverse().reduce((total, digit, at) => {
    const value = Number(digit) * (at % 2 === 0 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return body + String((10 - (sum % 10)) % 10);
};
const brands: readonly (readonly [start: readonly string[], length: number])[] = [
  [["4"], 16],
  [["4"], 13],
  [["4"], 19],
  [["51", "52", "53", "54", "55", "2221", "2500", "2720"], 16],
  [["34", "37"], 15],
  [["6011", "644", "649", "65"], 16],
  [["36", "38", "300", "305", "309"], 14],
  [["3528", "3560", "3589"], 16],
  [["6200", "6222", "6258"], 16],
  [["6222"], 19],
  [["2200", "2204"], 16],
  [["5018", "5020", "5038", "6304", "6759", "6761"], 16],
  [["6304"], 18],
  [["6521", "6069"], 16],
  [["9792"], 16],
  [["506099", "506198"], 16],
  [["606282"], 16],
  [["636368", "438935"], 16],
];
const groupsOf = (length: number): readonly number[] => (length === 15 ? [4, 6, 5] : length === 14 ? [4, 6, 4] : [4, 4, 4, 4, 4]);
const grouped = (text: string, separator: string): string => {
  const parts: string[] = [];
  let at = 0;
  for (const size of groupsOf(text.length)) {
    parts.push(text.slice(at, at + size));
    at += size;
  }
  return parts.filter((part) => part !== "").join(separator);
};
const card =
  (start: readonly string[], length: number, separator: string) =>
  (numbers: Numbers): string => {
    const prefix = of(numbers, start);
    const number = luhn(prefix + numbers.of(digits, length - 1 - prefix.length));
    return separator === "" ? number : grouped(number, separator);
  };
const cards = brands.flatMap(([start, length]) => [
  ...kinds(
    "card in groups",
    ["payment-card"],
    "",
    [" ", "-"].map((separator) => card(start, length, separator)),
  ),
  ...kinds("card, digits with a word", ["payment-card"], "Card number: ", [card(start, length, "")]),
]);

/** Structures of the SWIFT registry: digits n, letters a, either c. */
const ibans =
  "AD8n12c AE19n AT16n BE12n BG4a6n8c BR23n1a1c CH5n12c CY8n16c CZ20n DE18n DK14n EE16n ES20n FI14n FR10n11c2n GB4a14n GR7n16c HR17n HU24n IE4a14n IL19n IS22n IT1a10n12c KZ3n13c LI5n12c LT16n LU3n13c LV4a13c MC10n11c2n MT4a5n18c NL4a10n NO11n PK4a16c PL24n PT21n QA4a21c RO4a16c RS18n SA2n18c SE20n SI15n SK20n SM1a10n12c TN20n TR5n1n16c UA6n19c".split(
    " ",
  );
const iban =
  (form: string, separator: string) =>
  (numbers: Numbers): string => {
    const upper = lower.toUpperCase();
    const alphabets: Readonly<Record<string, string>> = { n: digits, a: upper, c: digits + upper };
    const country = form.slice(0, 2);
    const body = form
      .slice(2)
      .replaceAll(/(\d+)([nac])/g, (_, count: string, kind: string) => numbers.of(alphabets[kind] ?? digits, Number(count)));
    const value = [...`${body}${country}00`].map((sign) => Number.parseInt(sign, 36)).join("");
    const check = String(98n - (BigInt(value) % 97n)).padStart(2, "0");
    const joined = `${country}${check}${body}`;
    return separator === "" ? joined : (joined.match(/.{1,4}/g) ?? []).join(separator);
  };
const accounts = ibans.flatMap((form) => kinds("IBAN", ["iban"], "", [iban(form, ""), iban(form, " ")]));

const word = (numbers: Numbers): string => `${numbers.of("123456789abcdef", 1)}${numbers.of(hex, 3)}`;
const addresses = [
  ...kinds("IPv4", ["ip-address"], "", [
    (n) => `192.168.${n.below(256)}.${10 + n.below(246)}`,
    (n) => `10.${n.below(256)}.${n.below(256)}.${10 + n.below(240)}`,
    (n) => `${40 + n.below(160)}.${n.below(256)}.${n.below(256)}.${10 + n.below(240)}`,
    (n) => `172.${16 + n.below(16)}.0.0/${12 + n.below(16)}`,
  ]),
  ...kinds("IPv6", ["ip-address"], "", [
    (n) => `2001:db8:${word(n)}:${word(n)}:${word(n)}:${word(n)}:${word(n)}:${word(n)}`,
    (n) => `2001:db8::${word(n)}:${word(n)}`,
    (n) => `2001:DB8::${word(n).toUpperCase()}:${word(n).toUpperCase()}`,
    (n) => `fe80::${word(n)}:${word(n)}:${word(n)}:${word(n)}`,
    (n) => `fe80::${word(n)}:${word(n)}%eth0`,
    (n) => `fe80::${word(n)}:${word(n)}%br-lan`,
    (n) => `::ffff:192.0.2.${10 + n.below(90)}`,
    (n) => `64:ff9b::192.0.2.${10 + n.below(90)}`,
    (n) => `2001:db8:${word(n)}::/48`,
    (n) => `2a02:${word(n)}:0:0:0:0:0:${word(n)}`,
    (n) => `fd00:${word(n)}::${word(n)}/64`,
  ]),
];
const pairs = (numbers: Numbers, separator: string): string =>
  ["00", "1a", ...Array.from({ length: 4 }, () => numbers.of(hex, 2))].join(separator);
const hardware = [
  ...kinds("MAC", ["mac-address"], "", [
    (n) => pairs(n, ":"),
    (n) => pairs(n, "-").toUpperCase(),
    (n) => (pairs(n, "").match(/.{4}/g) ?? []).join("."),
    (n) => `02:00:5e:${numbersOf(n)}`,
  ]),
  ...kinds("MAC, joined, with a word", ["mac-address", "mac-address-joined"], "MAC address: ", [(n) => pairs(n, "").toUpperCase()]),
];
function numbersOf(numbers: Numbers): string {
  return Array.from({ length: 5 }, () => numbers.of(hex, 2)).join(":");
}

const alphabet58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const ripple58 = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";
const sha256 = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();
const bytesOf = (numbers: Numbers, length: number): number[] => Array.from({ length }, () => numbers.below(256));
/** Base58Check: the bytes, and four of their double SHA-256. */
const base58 =
  (version: number, alphabet: string) =>
  (numbers: Numbers): string => {
    const body = Buffer.from([version, ...bytesOf(numbers, 20)]);
    const bytes = Buffer.concat([body, sha256(sha256(body)).subarray(0, 4)]);
    let value = BigInt(`0x${bytes.toString("hex")}`);
    let text = "";
    for (; value > 0n; value /= 58n) text = (alphabet[Number(value % 58n)] ?? "") + text;
    const zeros = bytes.findIndex((byte) => byte !== 0);
    return (alphabet[0] ?? "").repeat(zeros) + text;
  };
const alphabet32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
/** BIP 173 (constant 1) and BIP 350 (constant 0x2bc830a3). */
const bech32 =
  (prefix: string, version: number, length: number) =>
  (numbers: Numbers): string => {
    const bits = bytesOf(numbers, length)
      .map((byte) => byte.toString(2).padStart(8, "0"))
      .join("");
    const words = [version, ...(bits.match(/.{1,5}/g) ?? []).map((part) => Number.parseInt(part.padEnd(5, "0"), 2))];
    const expanded = [...[...prefix].map((sign) => sign.charCodeAt(0) >> 5), 0, ...[...prefix].map((sign) => sign.charCodeAt(0) & 31)];
    const generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
    let check = 1;
    for (const value of [...expanded, ...words, 0, 0, 0, 0, 0, 0]) {
      const top = check >>> 25;
      check = ((check & 0x1ffffff) << 5) ^ value;
      for (const [at, term] of generator.entries()) if ((top >> at) & 1) check ^= term;
    }
    check ^= version === 0 ? 1 : 0x2bc830a3;
    const sums = Array.from({ length: 6 }, (_, at) => (check >>> (5 * (5 - at))) & 31);
    return `${prefix}1${[...words, ...sums].map((value) => alphabet32[value]).join("")}`;
  };
const wallets = kinds("wallet", ["crypto-address"], "", [
  base58(0, alphabet58),
  base58(5, alphabet58),
  bech32("bc", 0, 20),
  bech32("bc", 1, 32),
  base58(48, alphabet58),
  bech32("ltc", 0, 20),
  base58(30, alphabet58),
  base58(65, alphabet58),
  base58(0, ripple58),
  (n) => `0x${n.of(hex, 40)}`,
]);

export const gated: readonly Kind[] = [...email, ...phones, ...cards, ...accounts, ...addresses, ...hardware, ...wallets];
export const reported: readonly Kind[] = [...emailOdd, ...phonesAlone];
