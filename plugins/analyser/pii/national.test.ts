import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import { testContext } from "../../../core/testing/plugin-context.ts";
import { loadNative } from "../../../native/bindings/load.ts";
import pii from "./index.ts";

/**
 * Numbers that others publish as valid, and as wrong: the doctests of python-stdnum 2.2 (numbers only), and for Kazakhstan the READMEs of
 * kz-iin-validator and py-kz-validators with the last digit changed for the wrong ones. None was used to write a verifier. Left out are the wrong numbers of
 * rules that take them on purpose behind a context word (see the README): mx-curp, in-gstin, kr-rrn, dk-cpr, it-fiscal-code.
 */
const published: readonly (readonly [rule: string, context: string, valid: readonly string[], wrong: readonly string[]])[] = [
  ["br-cpf", "CPF", ["390.533.447-05"], ["231.002.999-00"]],
  ["br-cnpj", "CNPJ", ["16.727.230/0001-97"], ["16.727.230.0001-98"]],
  ["ar-cuit", "CUIT", ["20-05536168-2"], ["20267565392"]],
  ["cl-rut", "RUT", ["76086428-5", "12531909-2"], ["12531909-3"]],
  ["uk-nhs", "NHS", ["943-476-5870"], ["9434765871"]],
  ["de-tax-id", "Steuer-ID", ["36 574 261 809"], ["36574261890"]],
  ["fr-nir", "NIR", ["2 95 10 99 126 111 93", "253072B07300470", "253072A07300443"], ["295109912611199"]],
  ["es-nif", "DNI", ["54362315K", "X-5253868-R", "M-1234567-L", "54362315-K", "x-2482300w"], ["B64717839", "54362315Z", "x-2482300a"]],
  ["it-fiscal-code", "codice fiscale", ["RCCMNL83S18D969H"], []],
  ["pl-pesel", "PESEL", ["44051401359"], ["44051401358", "02381307589"]],
  ["nl-bsn", "BSN", ["1112.22.333"], ["1112.52.333"]],
  ["be-nrn", "rijksregister", ["85 07 30 033 28", "17 07 30 033 84"], ["12345678901"]],
  ["se-personnummer", "personnummer", ["880320-0016"], ["880320-0018"]],
  ["fi-hetu", "hetu", ["131052-308T"], ["131052-308U", "310252-308Y"]],
  ["no-fnr", "fødselsnummer", ["151086 95088"], ["15108695077"]],
  ["dk-cpr", "CPR", ["211062-5629"], []],
  ["ch-ahv", "AHV", ["7569217076985", "756.9217.0769.85"], ["756.9217.0769.84", "123.4567.8910.19"]],
  ["cz-birth-number", "rodné číslo", ["710319/2745"], ["7103192746", "1103492745"]],
  ["ro-cnp", "CNP", ["1630615123457"], ["0800101221142", "1632215123457", "1630615123458"]],
  ["bg-egn", "ЕГН", ["8032056031"], ["8019010008"]],
  ["hr-oib", "OIB", ["33392005961"], ["33392005962"]],
  ["pt-nif", "NIF", ["501 964 843"], ["501 964 842"]],
  ["tr-tckn", "TC Kimlik", ["17291716060"], ["17291716050"]],
  ["ua-rnokpp", "РНОКПП", ["1759013776"], ["1759013770"]],
  ["in-aadhaar", "Aadhaar", ["234123412346"], ["234123412347"]],
  ["in-pan", "PAN", ["ACUPA7085R"], []],
  ["in-gstin", "GSTIN", ["27AAPFU0939F1ZV"], []],
  ["cn-resident-id", "id", ["360426199101010071"], []],
  ["th-tnin", "thai id", ["3100600445635", "1-2345-45678-78-1"], ["1-2345-45678-78-9"]],
  ["id-nik", "NIK", ["3171011708450001"], ["9971011708450001"]],
  ["pk-cnic", "CNIC", ["34201-0891231-8", "42201-0397640-8"], []],
  ["za-id", "ID number", ["7503305044089"], ["8503305044089"]],
  ["au-tfn", "TFN", ["123 456 782"], ["999 999 999"]],
  ["au-abn", "ABN", ["83 914 571 673"], ["99 999 999 999"]],
  ["us-ssn", "SSN", ["536-90-4399"], []],
  ["us-itin", "ITIN", ["912-90-3456"], ["123-45-6789", "912-93-4567"]],
  ["us-aba", "routing number", ["111000025"], ["112000025"]],
  ["ca-sin", "SIN", ["123-456-782"], ["999-999-999", "823456785"]],
  ["mx-curp", "CURP", ["BOXW310820HNERXN09"], []],
  ["ru-inn", "ИНН", ["123456789047", "1234567894"], ["123456789037", "1234567895"]],
  ["ru-ogrn", "ОГРН", ["1022200525819"], ["1022500001328"]],
  ["kz-iin", "ИИН", ["791028302728", "061211600012"], ["791028302729", "061211600013"]],
];

const native = loadNative();
const { plan: rules } = await pii.setup(v.parse(pii.config, {}), testContext("analyser/pii/test"));
const plan = native.compile({ analysers: [{ id: "analyser/pii/test", ...rules }], actions: [] });

/** Rules that find exactly the number, behind its context word. */
const findersOf = (context: string, number: string): string[] => {
  const text = `The ${context} ${number}, as printed.`;
  const start = Buffer.byteLength(text.slice(0, text.indexOf(number)));
  const end = start + Buffer.byteLength(number);
  const found = plan.scan(text).filter(({ range }) => range.start === start && range.end === end);
  return found.map((finding) => finding.rule);
};

for (const [rule, context, valid, wrong] of published) {
  test(`${rule} finds the numbers that others publish as valid, and none that they publish as wrong`, () => {
    for (const number of valid) assert.ok(findersOf(context, number).includes(rule), number);
    for (const number of wrong) assert.ok(!findersOf(context, number).includes(rule), number);
  });
}
