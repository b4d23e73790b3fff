/** Texts around values: what people and models write about keys, and what looks like a key and is none. Must not know the rules. */
import { type Format, makeValue, Numbers, prefixOf } from "./secret-values.ts";

/** A text and the value that must be found in it, alone. */
export interface Case {
  readonly rule: string;
  readonly context: string;
  readonly text: string;
  readonly value: string;
}

/** A text in which nothing must be found. */
export interface NearMiss {
  readonly kind: string;
  /** Rule whose form the text resembles; undefined where it is of none. */
  readonly rule?: string;
  readonly text: string;
}

type Write = (variable: string, value: string) => string;

const camel = (variable: string): string => variable.toLowerCase().replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

const named: Readonly<Record<string, Write>> = {
  env: (variable, value) => `NODE_ENV=production\n${variable}=${value}\nPORT=8080\n`,
  shell: (variable, value) => `Run this first:\n\n\`\`\`bash\nexport ${variable}="${value}"\nnpm start\n\`\`\`\n`,
  json: (variable, value) => `{\n  "region": "eu-west-1",\n  "${variable}": "${value}",\n  "retries": 3\n}`,
  yaml: (variable, value) => `env:\n  - name: LOG_LEVEL\n    value: info\n${variable}: ${value}\nreplicas: 2\n`,
  python: (variable, value) => `import os\n\nos.environ['${variable}'] = '${value}'\nclient = Client()\n`,
  typescript: (variable, value) => `const ${camel(variable)} = "${value}";\nconst client = new Client(${camel(variable)});\n`,
};

const alone: Readonly<Record<string, Write>> = {
  prose: (_, value) => `Sure! The key you shared is ${value}, please rotate it as soon as you can.`,
  code: (_, value) => `Use \`${value}\` here.\n`,
  header: (_, value) => `curl https://api.example.com/v1/items -H "Authorization: Bearer ${value}"\n`,
  log: (_, value) => `2026-03-04T12:00:01Z INFO request id=42 key=${value} status=200\n`,
  table: (_, value) => `| name | value |\n| --- | --- |\n| staging | ${value} |\n`,
};

/** Every form in every context that suits it, with a fresh value each time. */
export const cases = (formats: readonly Format[], seed: number): Case[] => {
  const numbers = new Numbers(seed);
  return formats.flatMap((format) => {
    const contexts = Object.entries(format.needsName ? named : { ...named, ...alone });
    return contexts.map(([context, write]) => {
      const value = makeValue(format.shape, numbers);
      return { rule: format.rule, context, text: write(format.variable, value), value };
    });
  });
};

/** Placeholders and references in the place of a key: manuals and models write them all the time. */
const placeholders = ({ rule, variable, shape, needsName }: Format): NearMiss[] => {
  const start = needsName ? "" : prefixOf(shape);
  const near = (kind: string, text: string): NearMiss => ({ kind, rule, text });
  return [
    near("placeholder", `${variable}=${start}your_key_here\n`),
    near("placeholder", `export ${variable}="${start}xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"\n`),
    near("placeholder", `"${variable}": "<YOUR_${variable}>"`),
    near("ellipsis", `It begins with \`${start}...\` and is shown once; keep ${variable} secret.`),
    near("reference", `const key = process.env.${variable};\n`),
    near("reference", `${variable}: \${{ secrets.${variable} }}\n`),
    near("reference", `${variable}=$(vault kv get -field=value kv/app/${variable.toLowerCase()})\n`),
  ];
};

/** The form cut to a third of its random part: a prefix that is no key. */
const cut = ({ rule, shape, needsName }: Format, numbers: Numbers): NearMiss[] => {
  const start = prefixOf(shape);
  if (needsName || start.length < 3) return [];
  const rest = makeValue(shape, numbers).slice(start.length);
  return [{ kind: "cut", rule, text: `The log shows ${start}${rest.slice(0, Math.min(Math.floor(rest.length / 3), 12))} only.` }];
};

const hex = "0123456789abcdef";
const base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const words = ["checksum", "etag", "build", "session view", "trace", "object", "image", "cache"];

/** Values that are random but no secrets, each in its usual place. */
const randomNoSecrets: Readonly<Record<string, (numbers: Numbers) => string>> = {
  "git commit": (n) => `Merge commit ${n.of(hex, 40)} into main (parent ${n.of(hex, 7)})`,
  "lock file": (n) => `      "integrity": "sha512-${n.of(base64, 86)}==",\n      "resolved": "https://registry.npmjs.org/a/-/a-1.2.3.tgz"`,
  "cargo lock": (n) => `name = "serde"\nversion = "1.0.0"\nchecksum = "${n.of(hex, 64)}"\n`,
  "go.sum": (n) => `github.com/a/b v1.2.3 h1:${n.of(base64, 43)}=\n`,
  uuid: (n) => `The ${words[n.below(words.length)]} has the id ${n.uuid()}.`,
  digest: (n) => `docker pull nginx@sha256:${n.of(hex, 64)}`,
  md5: (n) => `${n.of(hex, 32)}  archive.tar.gz\n${n.of(hex, 64)}  archive.zip\n`,
  image: (n) => `<img src="data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA${n.of(base64, 400)}==">`,
  certificate: (n) => `-----BEGIN CERTIFICATE-----\nMIID${n.of(base64, 60)}\n${n.of(base64, 64)}\n-----END CERTIFICATE-----\n`,
  "public key": (n) => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${n.of(base64, 43)} jane@host\n`,
  "html class": (n) => `<div class="css-${n.of(hex, 8)} sc-${n.of(base64.slice(0, 52), 6)}" data-id="${n.of(hex, 24)}">`,
  "video link": (n) =>
    `https://www.youtube.com/watch?v=${n.of(base64.slice(0, 62), 11)} and https://i.example.com/${n.of(base64.slice(0, 62), 22)}.png`,
  trace: (n) => `traceparent: 00-${n.of(hex, 32)}-${n.of(hex, 16)}-01`,
  "token count": (n) => `"usage": {"prompt_tokens": ${n.below(9999)}, "completion_tokens": ${n.below(9999)}, "total_tokens": 4096}`,
  "page token": (n) => `{"nextPageToken": "Cg${n.of(base64.slice(0, 62), 10)}", "tokenizer": "cl100k_base", "token_type": "Bearer"}`,
  transaction: (n) => `Transaction 0x${n.of(hex, 64)} was mined in block ${n.below(9e6)}.`,
  "css and colours": (n) => `.a { color: #${n.of(hex, 6)}; background: #${n.of(hex, 8)}; }`,
  "object id": (n) => `db.users.findOne({_id: ObjectId("${n.of(hex, 24)}")})`,
};

/** @param rounds how many texts of each kind that carries random values */
export const nearMisses = (formats: readonly Format[], seed: number, rounds: number): NearMiss[] => {
  const numbers = new Numbers(seed);
  const texts = formats.flatMap((format) => [...placeholders(format), ...cut(format, numbers)]);
  for (const [kind, write] of Object.entries(randomNoSecrets)) {
    for (let round = 0; round < rounds; round += 1) texts.push({ kind, text: write(numbers) });
  }
  return texts;
};
