/** Made-up keys in vendors' formats. Prefixes are put together at run time, so that no scanner alarms on this file. */
import { Buffer } from "node:buffer";
import type { Random } from "./random.ts";

const upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const lower = upper.toLowerCase();
const digits = "0123456789";
const alphanumeric = upper + lower + digits;
const base62 = digits + upper + lower;

const join = (...pieces: readonly string[]): string => pieces.join("");

function crc32(text: string): number {
  let crc = 0xffffffff;
  for (let at = 0; at < text.length; at++) {
    crc ^= text.charCodeAt(at);
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** GitHub's tokens end in their CRC-32 in base 62. */
function githubToken(random: Random): string {
  const body = random.text(30, base62);
  let rest = crc32(body);
  let check = "";
  for (let place = 0; place < 6; place++) {
    check = base62[rest % 62]! + check;
    rest = Math.floor(rest / 62);
  }
  return join("gh", "p_", body, check);
}

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

function jsonWebToken(random: Random): string {
  const signature = Buffer.from(random.text(32, alphanumeric)).toString("base64url");
  return `${base64url({ alg: "HS256", typ: "JWT" })}.${base64url({ sub: random.text(10, digits), iat: 1_700_000_000 })}.${signature}`;
}

function privateKey(random: Random): string {
  const lines = Array.from({ length: 6 }, () => random.text(64, `${alphanumeric}+/`));
  const label = join("PRIV", "ATE KEY");
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----`;
}

/** One sentence with one secret each. */
export function secretSentences(random: Random): string[] {
  return [
    `The access key is ${join("AK", "IA")}${random.text(16, `${upper}234567`)}.`,
    `Push with ${githubToken(random)} today.`,
    `Billing uses ${join("sk_", "live_")}${random.text(24, alphanumeric)} for now.`,
    `Maps need ${join("AI", "za")}${random.text(35, alphanumeric)} in the header.`,
    `The session is ${jsonWebToken(random)} until noon.`,
    `Connect to ${join("post", "gres://")}app:${random.text(16, alphanumeric)}@db.northwind.net:5432/main first.`,
    `Here is the key:\n${privateKey(random)}\nKeep it safe.`,
  ];
}
