/**
 * Question: does `analyser/pii` with its default config find the personal data of the public sets, and nothing else?
 *
 * Gates are those of facts/guardrails.md section 8, point 4. A finding counts only if both of its ends are right.
 */
import type { Finding } from "../../core/stream/finding.ts";
import { phones, randomDigits, replies, russian, type Sample, synthetic, vectors } from "./pii-data.ts";
import { Score, type Span } from "./pii-score.ts";
import type { Outcome, Scan } from "./suite.ts";

/** Entities of the sets and the rules that find them. Rules and entities that are not here are not compared. */
const RULES: Readonly<Record<string, readonly string[]>> = {
  ABA_ROUTING_NUMBER: ["us-aba"],
  AU_ABN: ["au-abn"],
  AU_MEDICARE: ["au-medicare"],
  AU_TFN: ["au-tfn"],
  CA_SIN: ["ca-sin"],
  CREDIT_CARD: ["payment-card"],
  CRYPTO: ["crypto-address", "crypto-address-other"],
  DE_SOCIAL_SECURITY: ["de-pension"],
  DE_TAX_ID: ["de-tax-id"],
  EMAIL_ADDRESS: ["email"],
  ES_NIE: ["es-nif"],
  ES_NIF: ["es-nif"],
  FI_PERSONAL_IDENTITY_CODE: ["fi-hetu"],
  IBAN_CODE: ["iban"],
  IN_AADHAAR: ["in-aadhaar"],
  IN_GSTIN: ["in-gstin"],
  IN_PAN: ["in-pan"],
  IP_ADDRESS: ["ip-address"],
  IT_FISCAL_CODE: ["it-fiscal-code"],
  KR_FRN: ["kr-rrn"],
  KR_RRN: ["kr-rrn"],
  MAC_ADDRESS: ["mac-address"],
  MEDICAL_LICENSE: ["us-dea"],
  NG_NIN: ["ng-nin"],
  PHONE_NUMBER: ["phone", "ru-phone"],
  PL_PESEL: ["pl-pesel"],
  SE_PERSONNUMMER: ["se-personnummer"],
  SG_NRIC_FIN: ["sg-nric"],
  TH_TNIN: ["th-tnin"],
  TR_NATIONAL_ID: ["tr-tckn"],
  UK_NHS: ["uk-nhs"],
  UK_NINO: ["uk-nino"],
  US_ITIN: ["us-itin"],
  US_MBI: ["us-mbi"],
  US_NPI: ["us-npi"],
  US_SSN: ["us-ssn"],
  ZA_ID_NUMBER: ["za-id"],
};

const RUSSIAN: Readonly<Record<string, string>> = {
  "ru-bank-account": "RU_BANK_ACCOUNT",
  "ru-bic": "RU_BIC",
  "ru-ogrn": "RU_OGRN",
  "ru-ogrnip": "RU_OGRNIP",
  "ru-oms": "RU_OMS",
  "ru-passport": "RU_PASSPORT",
  "ru-snils": "RU_SNILS",
};

const STRUCTURED = ["CREDIT_CARD", "EMAIL_ADDRESS", "IBAN_CODE", "IP_ADDRESS", "US_SSN"];

/** Collects rows and gates. */
class Report {
  readonly table: Record<string, unknown>[] = [];
  readonly failures: string[] = [];
  gates = 0;

  gate(name: string, value: number, least: number): void {
    this.gates += 1;
    if (value < least) this.failures.push(`${name} is ${value.toFixed(3)}, least ${least}`);
  }

  wrong(score: Score): void {
    if (!process.env.MIDSTREAM_QUALITY_VERBOSE) return;
    for (const { entity, kind, text } of score.examples()) console.log(`${entity} ${kind}: ${JSON.stringify(text)}`);
  }
}

const spanOf = (entity: string, finding: Finding): Span => ({ entity, start: finding.range.start, end: finding.range.end });

const entityOf = new Map(Object.entries(RULES).flatMap(([entity, rules]) => rules.map((rule) => [rule, entity] as const)));

const russianEntity = (finding: Finding, text: string): string | undefined => {
  if (finding.rule !== "ru-inn") return RUSSIAN[finding.rule];
  const digits = new TextDecoder().decode(new TextEncoder().encode(text).subarray(finding.range.start, finding.range.end));
  return `RU_INN${digits.length}`;
};

/** Texts that mark all entities: compares those of `entities`. */
const compare = (scan: Scan, samples: readonly Sample[], entities: readonly string[], score: Score): void => {
  for (const { text, expected } of samples) {
    const found = scan("pii", text).flatMap((finding) => {
      const entity = entityOf.get(finding.rule);
      return entity !== undefined && entities.includes(entity) ? [spanOf(entity, finding)] : [];
    });
    score.add(
      text,
      expected.filter((span) => entities.includes(span.entity)),
      found,
    );
  }
};

const structured = (scan: Scan, report: Report): void => {
  const score = new Score();
  compare(scan, synthetic(), STRUCTURED, score);
  for (const entity of STRUCTURED) {
    report.table.push(score.row("synth-v2", entity));
    report.gate(`synth-v2 ${entity} F1`, score.of([entity]).f1, 0.95);
  }
  report.wrong(score);
  const phone = new Score();
  compare(scan, synthetic(), ["PHONE_NUMBER"], phone);
  report.table.push(phone.row("synth-v2", "PHONE_NUMBER"));
  const examples = new Score();
  compare(scan, phones(), ["PHONE_NUMBER"], examples);
  report.table.push(examples.row("phone examples", "PHONE_NUMBER"));
  for (const [name, each] of [
    ["synth-v2", phone],
    ["phone examples", examples],
  ] as const) {
    report.gate(`${name} PHONE_NUMBER precision`, each.of().precision, 0.85);
    report.gate(`${name} PHONE_NUMBER recall`, each.of().recall, 0.85);
    report.wrong(each);
  }
};

const russianIdentifiers = (scan: Scan, report: Report): void => {
  const score = new Score();
  const add = (text: string, expected: readonly Span[]): void => {
    const found = scan("pii", text).flatMap((finding) => {
      const entity = russianEntity(finding, text);
      return entity === undefined ? [] : [spanOf(entity, finding)];
    });
    score.add(text, expected, found);
  };
  for (const { text, expected } of russian()) add(text, expected);
  for (const text of randomDigits()) add(text, []);
  for (const entity of score.entities()) {
    const { precision, recall } = score.of([entity]);
    report.table.push(score.row("ru, with 100,000 random digits", entity));
    report.gate(`${entity} precision`, precision, 0.95);
    report.gate(`${entity} recall`, recall, 0.95);
  }
  report.wrong(score);
};

/** Each row speaks of one entity: findings of other rules are not compared. */
const peers = (scan: Scan, report: Report): void => {
  const score = new Score();
  const withWeak = new Score();
  for (const { entity, text, expected, weak } of vectors()) {
    const rules = RULES[entity];
    if (rules === undefined) continue;
    const found = scan("pii", text)
      .filter((finding) => rules.includes(finding.rule))
      .map((finding) => spanOf(entity, finding));
    withWeak.add(text, expected, found);
    if (!weak) score.add(text, expected, found);
  }
  for (const entity of withWeak.entities()) {
    report.table.push({ ...score.row("presidio vectors", entity), withWeakF1: withWeak.row("", entity).f1 });
    if (STRUCTURED.includes(entity)) report.gate(`presidio ${entity} F1`, score.of([entity]).f1, 0.95);
  }
  report.wrong(withWeak);
};

/** Benign replies: reported by rule, not gated, because they hold some real addresses too. */
const alarms = (scan: Scan, report: Report): void => {
  const texts = replies();
  const characters = texts.reduce((sum, text) => sum + text.length, 0);
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const finding of scan("pii", text)) {
      counts.set(finding.rule, (counts.get(finding.rule) ?? 0) + 1);
      if (process.env.MIDSTREAM_QUALITY_VERBOSE) {
        const bytes = new TextEncoder().encode(text);
        const part = (start: number, end: number): string => new TextDecoder().decode(bytes.subarray(Math.max(start, 0), end));
        const { start, end } = finding.range;
        console.log(
          `reply ${finding.rule} ${finding.score.toFixed(2)}: ${JSON.stringify(`${part(start - 40, start)}[${part(start, end)}]${part(end, end + 20)}`)}`,
        );
      }
    }
  }
  for (const [rule, found] of [...counts].sort(([, a], [, b]) => b - a)) {
    report.table.push({
      set: `model replies, ${characters} characters`,
      entity: rule,
      alarms: found,
      perMillion: Math.round((found / characters) * 1e7) / 10,
    });
  }
};

/** Runs all sets. `scan` gives the findings of a whole text for an analyser's type. */
export const run = async (scan: Scan): Promise<Outcome> => {
  const report = new Report();
  structured(scan, report);
  russianIdentifiers(scan, report);
  peers(scan, report);
  alarms(scan, report);
  return { table: report.table, failures: report.failures, gates: report.gates };
};
