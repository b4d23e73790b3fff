import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import { testContext } from "../../../core/testing/plugin-context.ts";
import { loadNative } from "../../../native/bindings/load.ts";
import pii from "./index.ts";

/**
 * Sentences with the values that must be found between « and », and the rules that must find them, in order. The numbers are examples
 * of issuers, standards, payment providers and python-stdnum, written down from memory, or test rows of Presidio; a few without a check
 * digit (passport, date of birth, eg-national-id) are made up.
 */
const found: readonly (readonly [text: string, ...rules: string[]])[] = [
  ["Write to «jane.doe+news@mail.example.co.uk», please.", "email"],
  ["mailto:«jane@example.com»?subject=hi&cc=«joe@example.org»", "email", "email"],
  ["Почта: «иван@почта.рф» или «ivan@пример.рф».", "email", "email"],
  ["联系«user@example.com»。", "email"],
  ['{"email":"«a@b.io»"}', "email"],
  ["Call +1, no: «+44 20 7946 0958», «+1 (415) 555-0132» or «+49-30-123456».", "phone", "phone", "phone"],
  ["US: «415-555-0132», «(415) 555-0132», 1-800: «1-800-222-1222»", "phone", "phone", "phone"],
  ["In Brussels «0490 75 40 81», in Paris «01.84.17.61.18».", "phone", "phone"],
  ["Phone: «60-56-85-91». Fax: «467 3395»", "phone", "phone"],
  ["WhatsApp «4155550132» please", "phone"],
  ["Мой номер «+7 (912) 345-67-89», домашний «8 (495) 123-45-67».", "ru-phone", "phone"],
  ["Card «4111 1111 1111 1111», or «5555-5555-5555-4444», or «371449635398431».", "payment-card", "payment-card", "payment-card"],
  ["MIR «2200000000000004», Mastercard «2223003122003222»", "payment-card", "payment-card"],
  ["Digits: «4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1».", "payment-card"],
  ["id,card\n1,«4012888888881881»,12/27", "payment-card"],
  ["４１１１ is a prefix, «４１１１１１１１１１１１１１１１» is a card.", "payment-card"],
  ["IBAN «GB29 NWBK 6016 1331 9268 19» and «de89370400440532013000».", "iban", "iban"],
  ["The host «192.168.17.34» or «2001:db8::8a2e:370:7334», net «10.20.0.0/16».", "ip-address", "ip-address", "ip-address"],
  ["http://«203.0.113.9»:8080/index", "ip-address"],
  ["eth0 has «00:1A:2b:3C:4D:5E» or «0012.3456.789a».", "mac-address", "mac-address"],
  ["MAC address: «001A2B3C4D5E», mac:«00:1A:2b:3C:4D:5E»", "mac-address-joined", "mac-address-joined"],
  ["BTC «1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2», «bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4».", "crypto-address", "crypto-address"],
  ["ETH «0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed», TRON «TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t».", "crypto-address", "crypto-address"],
  ["My Solana wallet is «7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV7».", "crypto-address-other"],
  ["Date of birth: «4 July 1990». DOB «07/04/1990».", "date-of-birth", "date-of-birth"],
  ["Дата рождения: «12 марта 1985» г., родился «01.02.1970».", "date-of-birth", "date-of-birth"],
  ["ИНН «7707083893», ИНН физлица «500100732259»", "ru-inn", "ru-inn"],
  ["СНИЛС «112-233-445 95»", "ru-snils"],
  ["ОГРН «1027700132195», ОГРНИП «304500116000157»", "ru-ogrn", "ru-ogrnip"],
  ["Паспорт серия «45 08 № 123456» выдан", "ru-passport"],
  ["Полис ОМС «7404281445544409»", "ru-oms"],
  ["к/с «30101810400000000225», БИК «044525225»", "ru-bank-account", "ru-bic"],
  ["БИК «044525225», к/с «30101810400000000225»", "ru-bic", "ru-bank-account"],
  ["My SSN is «536-90-4399»; social security number «536904399»", "us-ssn", "us-ssn"],
  ["ITIN «912-90-3456»", "us-itin"],
  ["NPI: «1234567893»", "us-npi"],
  ["routing number «111000025»", "us-aba"],
  ["Medicare card «1EG4-TE5-MK73»", "us-mbi"],
  ["DEA number «BB1388568»", "us-dea"],
  ["SIN: «130 692 544» and «130-692-544»", "ca-sin", "ca-sin"],
  ["CURP «BOXW310820HNERXN09»", "mx-curp"],
  ["CPF «390.533.447-05», sem pontos: CPF «39053344705»", "br-cpf", "br-cpf"],
  ["CNPJ «16.727.230/0001-97» ou «12.ABC.345/01DE-35»", "br-cnpj", "br-cnpj"],
  ["CUIT «20-05536168-2»", "ar-cuit"],
  ["RUT «12.531.909-2» o RUT «76086428-5»", "cl-rut", "cl-rut"],
  ["NHS number «943 476 5919»", "uk-nhs"],
  ["NI number «AB 12 34 56 C»", "uk-nino"],
  ["Steuer-ID «86095742719»", "de-tax-id"],
  ["Rentenversicherungsnummer «15070649C103»", "de-pension"],
  ["NIR «2 95 10 99 126 111 93»", "fr-nir"],
  ["Codice fiscale: «RCCMNL83S18D969H».", "it-fiscal-code"],
  ["DNI «54362315K», NIE «X2482300W»", "es-nif", "es-nif"],
  ["PESEL «44051401359»", "pl-pesel"],
  ["BSN «111222333»", "nl-bsn"],
  ["Rijksregisternummer «85.07.30-033.28»", "be-nrn"],
  ["Personnummer «811228-9874»", "se-personnummer"],
  ["Hetu «131052-308T»", "fi-hetu"],
  ["Fødselsnummer «151086 95088»", "no-fnr"],
  ["CPR «211062-5629»", "dk-cpr"],
  ["AHV «756.9217.0769.85»", "ch-ahv"],
  ["Rodné číslo «710319/2745»", "cz-birth-number"],
  ["CNP «1630615123457»", "ro-cnp"],
  ["ЕГН «7523169263»", "bg-egn"],
  ["OIB: «33392005961»", "hr-oib"],
  ["NIF «501964843»", "pt-nif"],
  ["TC Kimlik No: «10000000146»", "tr-tckn"],
  ["РНОКПП «1759013776»", "ua-rnokpp"],
  ["ИИН «791028302728», ЖСН «061211600012»", "kz-iin", "kz-iin"],
  ["תעודת זהות «039337423»", "il-id"],
  ["Aadhaar «2341 2341 2346», without spaces Aadhaar «234123412346»", "in-aadhaar", "in-aadhaar"],
  ["PAN «ACUPA7085R», GSTIN «27AAPFU0939F1ZV»", "in-pan", "in-gstin"],
  ["身份证号 «11010519491231002X»", "cn-resident-id"],
  ["Taiwan ID «A123456789»", "tw-national-id"],
  ["HKID «A123456(3)»", "hk-hkid"],
  ["マイナンバー «1234 5678 9018»", "jp-my-number"],
  ["주민등록번호 «960121-1234567»", "kr-rrn"],
  ["Thai ID «1-2345-45678-78-1»", "th-tnin"],
  ["NRIC «S1234567D»", "sg-nric"],
  ["NIK «3171011708450001»", "id-nik"],
  ["CNIC «34201-0891231-8»", "pk-cnic"],
  ["ID number «7503305044089»", "za-id"],
  ["NIN: «12345678901»", "ng-nin"],
  ["الرقم القومي «29001011234567»", "eg-national-id"],
  ["TFN «876 543 210»", "au-tfn"],
  ["Medicare «2123 45670 1»", "au-medicare"],
  ["ABN «83 914 571 673»", "au-abn"],
];

/** Text that models write and that looks like personal data, but is none. */
const nothing: readonly string[] = [
  "Version 1.2.3.4 of the library, released 2024-01-15 at 12:20:39.123456.",
  "Chrome/91.0.4472.124 Safari/537.36, build 10.0.19045.3803",
  "π is 3.14159265358979323846, e is 2.718281828459045.",
  "The population was 1 425 775 850 in 2023, up from 1,411,778,724.",
  "Order 4111111111111112 shipped; tracking 9400110200881234567890.",
  "At 1748503543012 ms (1700000000 s) the job 20240131235959 ended.",
  "UUID 550e8400-e29b-41d4-a716-446655440000, commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
  "See section 3.1.2.4, pages 123-456, ISBN 978-3-16-148410-0.",
  "for (std::size_t i = 0; i < a::b::size(); ++i) { x[::2]; y[1::3]; }",
  "let f :: Int -> Int; f = \\x -> x; List<Pair<A, B>>::new()",
  "colour #ff00aa, rgb(255, 200, 100), ratio 16:9, 10:30 to 11:45",
  "2010-2015, 2019/2020, 1990 1995 2000 2005, 01/02/2003",
  "| 100 | 200 | 300 |\n| 1000 | 2000 | 3000 |",
  "@decorator\nimport x from 'a@1.2.3'; npm i pkg@10.0.1",
  "SHA256:43:51:43:a1:b5:fc:8b:b7:0a:3a:a9:b1:0f:66:73:a8",
  "https://example.com:8080/path?q=1#a@b and ftp://host:21/",
  "The sequence 1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144.",
  "1.234.567,89 EUR and $1,234,567.89 and 1 234 567 ₽",
  "Section 12 (2019) 345-678, vol. 123(4):567-890",
  "Заказ 7707083893 отправлен, трек 112233445951, артикул 4508123456.",
  "NaN, 1e10, 0x7fff5fbff8c0, 0b1010, 0o755",
  "ATGCATGCATGCATGCATGCATGCATGCATGCATGC",
  "dGhpcyBpcyBub3QgYSB3YWxsZXQgYXQgYWxsIQ==",
];

const native = loadNative();
const setup = async (settings: unknown) => {
  const context = testContext("analyser/pii/test");
  const { plan } = await pii.setup(v.parse(pii.config, settings), context);
  return native.compile({ analysers: [{ id: context.id, ...plan }], actions: [] });
};

/** The text with its findings between « and », and their rules. */
const marked = (text: string, findings: readonly { rule: string; range: { start: number; end: number } }[]): string[] => {
  const bytes = new TextEncoder().encode(text);
  const part = (start: number, end: number): string => new TextDecoder().decode(bytes.subarray(start, end));
  let [at, out] = [0, ""];
  for (const { range } of findings) {
    out += `${part(at, range.start)}«${part(range.start, range.end)}»`;
    at = range.end;
  }
  return [out + part(at, bytes.length), ...findings.map((finding) => finding.rule)];
};

test("finds published examples of every rule in sentences, with both ends right", async () => {
  const plan = await setup({});
  const wrong: unknown[] = [];
  for (const [text, ...rules] of found) {
    const plain = text.replaceAll(/[«»]/g, "");
    const result = marked(plain, plan.scan(plain));
    if (JSON.stringify(result) !== JSON.stringify([text, ...rules])) wrong.push({ expected: [text, ...rules], result });
  }
  assert.deepEqual(wrong, []);
});

test("finds user and password of a URL and leaves the rest", async () => {
  const plan = await setup({ rules: ["url-credentials"] });
  const credentials = ["bob", "hunter2"].join(":");
  const text = `postgres://${credentials}@db.example.com:5432/app and https://example.com:8080/a@b`;
  assert.deepEqual(marked(text, plan.scan(text)), [text.replace(credentials, `«${credentials}»`), "url-credentials"]);
});

test("finds nothing in code, versions, dates, amounts, hashes and bare numbers", async () => {
  const plan = await setup({});
  const wrong = nothing.flatMap((text) => {
    const findings = plan.scan(text);
    return findings.length === 0 ? [] : [marked(text, findings)];
  });
  assert.deepEqual(wrong, []);
});

test("every rule has a sentence here", async () => {
  const named = new Set([...found.flatMap(([, ...rules]) => rules), "url-credentials"]);
  const { plan } = await pii.setup(v.parse(pii.config, {}), testContext("analyser/pii/test"));
  assert.deepEqual(
    (plan?.rules ?? []).map((rule) => rule.id).filter((id) => !named.has(id)),
    [],
  );
});
