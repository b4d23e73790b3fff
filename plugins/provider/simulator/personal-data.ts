/** Made-up personal data in valid formats, checksums included. None of it belongs to anybody on purpose. */
import type { Random } from "./random.ts";

const digits = "0123456789";
const given = ["anna", "boris", "carla", "david", "elif", "farid", "greta", "hugo", "ines", "jonas"];
const family = ["keller", "novak", "moreau", "santos", "okafor", "lindgren", "rossi", "tanaka", "weber", "yilmaz"];
const hosts = ["northwind", "bluefjord", "quarryhill", "lumenworks", "stonebridge"];
const domains = ["com", "net", "org", "io", "de"];

/** RFC 5321 address. */
export const email = (random: Random): string =>
  `${random.pick(given)}.${random.pick(family)}${random.below(90) + 10}@${random.pick(hosts)}.${random.pick(domains)}`;

/** Number in the plan of the United States, Germany or the United Kingdom. */
export function phone(random: Random): string {
  const forms = [
    () => `+1 ${random.pick(["212", "415", "617", "206"])}-${random.below(700) + 220}-${random.text(4, digits)}`,
    () => `+49 30 ${random.below(9) + 1}${random.text(7, digits)}`,
    () => `+44 20 7${random.text(3, digits)} ${random.text(4, digits)}`,
  ];
  return random.pick(forms)();
}

/** Check digit by Luhn (ISO/IEC 7812-1). */
function luhn(number: string): string {
  const sum = [...number].reverse().reduce((total, digit, at) => {
    const value = Number(digit) * (at % 2 === 0 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return String((10 - (sum % 10)) % 10);
}

/** Sixteen digits in groups, of a network's range. */
export function card(random: Random): string {
  const number = random.pick(["4539", "4716", "5425", "5500"]) + random.text(11, digits);
  return (number + luhn(number)).replace(/(.{4})(?=.)/g, "$1 ");
}

/** German account with its check digits (ISO 13616). */
export function iban(random: Random): string {
  const account = `${random.pick(["10010010", "37040044", "50010517"])}${random.text(10, digits)}`;
  const check = 98n - (BigInt(`${account}131400`) % 97n);
  return `DE${String(check).padStart(2, "0")}${account}`;
}

/** Social Security number outside the ranges that are never given out. */
export const socialSecurityNumber = (random: Random): string =>
  `${String(random.below(600) + 1).padStart(3, "0")}-${String(random.below(98) + 1).padStart(2, "0")}-${String(random.below(9_998) + 1).padStart(4, "0")}`;

/** NHS number with its check digit (modulo 11). */
export function nhsNumber(random: Random): string {
  for (;;) {
    const number = `9${random.text(8, digits)}`;
    const sum = [...number].reduce((total, digit, at) => total + Number(digit) * (10 - at), 0);
    const check = (11 - (sum % 11)) % 11;
    if (check < 10) return `${number.slice(0, 3)} ${number.slice(3, 6)} ${number.slice(6)}${check}`;
  }
}

/** Address on the public internet. */
export const ipAddress = (random: Random): string =>
  `${random.below(80) + 100}.${random.below(250)}.${random.below(250)}.${random.below(250) + 1}`;

/** Address of a network card. */
export const macAddress = (random: Random): string => Array.from({ length: 6 }, () => random.text(2, "0123456789abcdef")).join(":");

/** One sentence with one piece of personal data each. */
export function personalSentences(random: Random): string[] {
  return [
    `You can write to ${email(random)} at any time.`,
    `The office answers on ${phone(random)}.`,
    `Pay with card ${card(random)} if you like.`,
    `The transfer goes to IBAN ${iban(random)}.`,
    `Her social security number is ${socialSecurityNumber(random)}.`,
    `The NHS number on file is ${nhsNumber(random)}.`,
    `The request came from ${ipAddress(random)}.`,
    `The device has the MAC address ${macAddress(random)}.`,
  ];
}
