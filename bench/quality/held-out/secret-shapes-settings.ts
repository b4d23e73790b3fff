/** Settings, headers, addresses and command lines with a secret in them, and the same without one. Must not know the rules. */
import type { Numbers } from "./secret-values.ts";

/** A text with «» where a secret goes; a text without «» holds none, and ‹› there is a random value that is no secret. */
export interface Shape {
  readonly group: string;
  readonly text: string;
  readonly value: (numbers: Numbers) => string;
}

const digits = "0123456789";
const lower = "abcdefghijklmnopqrstuvwxyz";
const base62 = digits + lower + lower.toUpperCase();
const base64 = `${base62}+/`;

/** Values as generators of keys make them: base 62, hexadecimal, Base64 and its form for addresses, of 24 to 64 characters. */
export const key = (numbers: Numbers): string =>
  [
    () => numbers.of(base62, 24 + numbers.below(41)),
    () => numbers.of(`${digits}abcdef`, [32, 40, 64][numbers.below(3)] ?? 32),
    () => `${numbers.of(base64, 43)}=`,
    () => numbers.of(`${base62}_-`, 43),
  ][numbers.below(4)]?.() ?? "";

/** The same without signs, for places where Base64 would have to be escaped. */
export const plainKey = (numbers: Numbers): string =>
  numbers.below(2) === 0 ? numbers.of(base62, 24 + numbers.below(41)) : numbers.of(`${digits}abcdef`, 40);

/** A password as a manager makes it: 12 to 20 letters and digits, a sign within. */
export const password = (numbers: Numbers): string =>
  `${numbers.of(base62, 6 + numbers.below(4))}${numbers.of(digits, 1)}${numbers.of("!-_.~+", 1)}${numbers.of(base62, 5 + numbers.below(4))}`;

export const shapes = (group: string, value: Shape["value"], texts: readonly string[]): Shape[] =>
  texts.map((text) => ({ group, text, value }));

const snake = [
  "api_key",
  "client_secret",
  "access_token",
  "auth_token",
  "secret_key",
  "signing_secret",
  "webhook_secret",
  "encryption_key",
  "private_token",
  "bot_token",
  "consumer_secret",
  "api_secret",
  "refresh_token",
  "session_secret",
  "master_key",
  "app_secret",
  "deploy_token",
  "access_key",
  "subscription_key",
  "service_role_key",
  "hmac_key",
  "license_key",
  "acme_token",
  "acme_key",
];
const camel = (name: string): string => name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const pascal = (name: string): string => camel(`_${name}`);
const kebab = (name: string): string => name.replaceAll("_", "-");
const shout = (name: string): string => name.toUpperCase();

/** Every syntax with every name, in the case that the language has. */
const named = (group: string, write: readonly ((name: string) => string)[]): Shape[] =>
  snake.flatMap((name) => write.map((one) => ({ group, text: one(name), value: key })));

const assignments: readonly Shape[] = [
  ...named("env files", [(n) => `${shout(n)}=«»\n`, (n) => `PORT=80\n${shout(n)}="«»"\n`, (n) => `ACME_${shout(n)}='«»'\n`]),
  ...named("shell", [
    (n) => `export ${shout(n)}=«»\n`,
    (n) => `$env:${shout(n)} = "«»"`,
    (n) => `docker run -e ${shout(n)}=«» acme/web`,
    (n) => `set ${shout(n)}=«»\r\n`,
  ]),
  ...named("YAML", [(n) => `auth:\n  ${n}: «»\n  port: 80\n`, (n) => `${camel(n)}: "«»"\n`, (n) => `${kebab(n)}: '«»'\n`]),
  ...named("YAML, name and value", [
    (n) => `env:\n  - name: ${shout(n)}\n    value: «»\n`,
    (n) => `        - name: ${shout(n)}\n          value: "«»"\n`,
  ]),
  ...named("JSON", [(n) => `{"${camel(n)}":"«»"}`, (n) => `{\n  "${n}": "«»",\n  "port": 80\n}`, (n) => `"body": "{\\"${n}\\":\\"«»\\"}"`]),
  ...named("TOML, INI, properties", [(n) => `[auth]\n${n} = "«»"\n`, (n) => `acme.${kebab(n)}=«»\n`, (n) => `${camel(n)} = «»\n`]),
  ...named("Python", [
    (n) => `${n} = "«»"`,
    (n) => `client = Client(${n}='«»', timeout=3)`,
    (n) => `${shout(n)}: str = "«»"`,
    (n) => `os.environ["${shout(n)}"] = "«»"`,
  ]),
  ...named("defaults of variables", [
    (n) => `key = os.getenv("${shout(n)}", "«»")`,
    (n) => `os.environ.get('${shout(n)}', '«»')`,
    (n) => `process.env.${shout(n)} || "«»"`,
    (n) => `process.env.${shout(n)} ?? '«»'`,
    (n) => `\${${shout(n)}:-«»}`,
  ]),
  ...named("TypeScript", [
    (n) => `const ${camel(n)} = '«»';`,
    (n) => `new Client({ ${camel(n)}: "«»" })`,
    (n) => `private readonly ${camel(n)}: string = "«»";`,
    (n) => `const ${shout(n)} = \`«»\`;`,
  ]),
  ...named("Java, Kotlin, C#", [
    (n) => `private static final String ${shout(n)} = "«»";`,
    (n) => `props.setProperty("acme.${kebab(n)}", "«»");`,
    (n) => `.${camel(n)}("«»")`,
    (n) => `val ${camel(n)} = "«»"`,
    (n) => `options.${pascal(n)} = "«»";`,
    (n) => `client.set${pascal(n)}("«»");`,
  ]),
  ...named("Go, Rust, C", [
    (n) => `${camel(n)} := "«»"`,
    (n) => `cfg := Config{${pascal(n)}: "«»"}`,
    (n) => `os.Setenv("${shout(n)}", "«»")`,
    (n) => `let ${n}: &str = "«»";`,
    (n) => `#define ${shout(n)} "«»"`,
    (n) => `const char *${n} = "«»";`,
  ]),
  ...named("PHP, Ruby", [
    (n) => `define('${shout(n)}', '«»');`,
    (n) => `'${n}' => '«»',`,
    (n) => `$${n} = "«»";`,
    (n) => `config.${n} = "«»"`,
    (n) => `ENV["${shout(n)}"] = "«»"`,
    (n) => `:${n} => "«»"`,
  ]),
  ...named("XML", [
    (n) => `<${camel(n)}>«»</${camel(n)}>`,
    (n) => `<add key="${pascal(n)}" value="«»" />`,
    (n) => `<string name="${n}">«»</string>`,
    (n) => `<property name="${camel(n)}" value="«»"/>`,
  ]),
  ...named("command lines", [
    (n) => `acme deploy --${kebab(n)} «» --force`,
    (n) => `acme deploy --${kebab(n)}=«»`,
    (n) => `acme run --${kebab(n)} "«»"`,
    (n) => `heroku config:set ${shout(n)}=«»`,
  ]),
  ...named("query and form", [
    (n) => `https://api.example.com/v1?limit=3&${n}=«»`,
    (n) => `grant_type=client_credentials&${n}=«»&scope=all`,
  ]).map((shape) => ({ ...shape, value: plainKey })),
  ...named("other languages and tools", [
    (n) => `      ${n}: {\n        value: "«»"\n      }`,
    (n) => `ENV ${shout(n)} «»`,
    (n) => `RUN ${shout(n)}=«» make deploy`,
    (n) => `config :app, ${n}: "«»"`,
    (n) => `(def ${kebab(n)} "«»")`,
    (n) => `let ${n} = Some("«»".to_string());`,
    (n) => `${n} <- "«»"`,
    (n) => `Sys.setenv(${shout(n)} = "«»")`,
    (n) => `static NSString *const ${camel(n)} = @"«»";`,
    (n) => `terraform apply -var="${n}=«»"`,
    (n) => `"${camel(n)}" : [ "«»" ]`,
    (n) => `wrangler secret put ${shout(n)} <<< "«»"`,
    (n) => `set -gx ${shout(n)} «»`,
    (n) => `<${camel(n)}><![CDATA[«»]]></${camel(n)}>`,
    (n) => `here's my ${n.replaceAll("_", " ")} - «»`,
    (n) => `Set \`${shout(n)}\` to \`«»\`.`,
    (n) => `Your ${n.replaceAll("_", " ")}:\n\n\`\`\`\n«»\n\`\`\`\n`,
  ]),
  ...named("prose and tables", [
    (n) => `The ${n.replaceAll("_", " ")} is \`«»\`.`,
    (n) => `Your ${n.replaceAll("_", " ")}: «»\n`,
    (n) => `| ${shout(n)} | \`«»\` |`,
    (n) => `- **${n.replaceAll("_", " ")}**: \`«»\`\n`,
  ]),
];

const headers = shapes("headers", plainKey, [
  "Authorization: Bearer «»",
  "authorization: bearer «»\r\naccept: */*",
  "Authorization: Token «»",
  "Authorization: ApiKey «»",
  `curl -H "Authorization: Bearer «»" https://api.example.com`,
  `curl -H 'X-Api-Key: «»' https://api.example.com`,
  "X-API-Key: «»",
  "x-api-key: «»\n",
  "api-key: «»",
  "PRIVATE-TOKEN: «»",
  "X-Auth-Token: «»",
  "X-Vault-Token: «»",
  "X-Access-Token: «»",
  "Ocp-Apim-Subscription-Key: «»",
  `headers = {"Authorization": "Bearer «»"}`,
  `headers: { Authorization: 'Bearer «»', accept: 'text/plain' }`,
  `headers: { "x-api-key": "«»" }`,
  `req.Header.Set("Authorization", "Bearer «»")`,
  `req.Header.Set("X-Api-Key", "«»")`,
  `.header("Authorization", "Bearer «»")`,
  `request.Headers.Add("X-Api-Key", "«»");`,
  `http.setRequestHeader("X-Auth-Token", "«»")`,
  `axios.defaults.headers.common["Authorization"] = "Bearer «»";`,
  "Cookie: theme=dark; session=«»",
  "Cookie: sessionid=«»; csrftoken=off",
  "Set-Cookie: sid=«»; HttpOnly; Secure",
  "set-cookie: session_token=«»; Path=/",
  "Set-Cookie: JSESSIONID=«»; Path=/app",
]);

const commands = shapes("passwords on command lines", password, [
  "curl -u admin:«» https://example.com/",
  "curl -u 'admin:«»' https://example.com/",
  `curl --user "admin:«»" -X POST https://example.com/`,
  "wget --user=admin --password=«» https://example.com/",
  "mysql -h db -u root -p«» shop",
  "mysqldump --user=root --password=«» shop",
  "redis-cli -h cache -a «» PING",
  "sshpass -p «» ssh root@host",
  "sshpass -p '«»' ssh root@host",
  "docker login -u jane -p «» registry.example.com",
  "docker login --username jane --password «» registry.example.com",
  "htpasswd -b /etc/apache2/passwords jane «»",
  "openssl rsa -in key.pem -passin pass:«» -out plain.pem",
  "kubectl create secret generic db --from-literal=password=«»",
  "helm install db bitnami/mysql --set auth.rootPassword=«»",
  "PGPASSWORD=«» psql -h db -U app",
  "echo «» | docker login -u jane --password-stdin",
  "net use z: \\\\server\\share /user:jane «»",
  "az login --service-principal -u app -p «» --tenant t",
  "mongosh --username root --password «» shop",
  "ldapsearch -x -D cn=admin,dc=example -w «» -b dc=example",
  "smbclient //server/share -U jane%«»",
]);

const nothing = shapes("", key, [
  "API_KEY=\u0024{API_KEY}",
  "api_key: <your-api-key>",
  "api_key: YOUR_API_KEY",
  `"client_secret": "YOUR_CLIENT_SECRET"`,
  "secretName: shop-tls-cert-2026",
  "secretKeyRef:\n  name: db-credentials-v2\n  key: password\n",
  "env:\n  - name: API_KEY\n    valueFrom:\n      secretKeyRef:\n        name: web-secrets-v2\n        key: apiKey2\n",
  "  - name: LOG_LEVEL\n    value: information2\n",
  "  - name: TOKEN_URL\n    value: https://auth.example.com/oauth2/v2/token\n",
  "  - name: SECRET_NAME\n    value: projects/shop/secrets/db-password-v2\n",
  `os.getenv("API_KEY", "")`,
  `os.getenv("API_KEY", "changeme-in-production")`,
  `process.env.API_KEY || "missing-api-key"`,
  `process.env.SECRET_KEY ?? defaultSecretKeyForTests1()`,
  "const apiKey = await getSecretValueFromVault2(name);",
  "api_key = settings.providers.openai_api_key_v2",
  `tokenizer = "cl100k_base_tokenizer_v2"`,
  `"token_type": "Bearer", "expires_in": 3600`,
  `"token_endpoint": "https://auth.example.com/oauth2/v2.0/token"`,
  "max_tokens: 4096\ntoken_limit=128000",
  `"next_page_token": "CAUQAA"`,
  "public_key: ssh-ed25519-cert-v01",
  "cache_key: npm-linux-x64-node20-v2-lockfile",
  `key: "deps-v3-linux-x86_64-python3.12-requirements"`,
  "primary_key: customer_order_item_id_v2_unique",
  "foreign_key: fk_orders_customers_customer_id_2",
  "sort_key = created_at_desc_then_id_asc_v2",
  "--token $GITHUB_TOKEN",
  '--api-key "$API_KEY"',
  "--password-stdin < file",
  "acme deploy --access-token-file /run/secrets/token2",
  "curl -u $USER:$PASS https://example.com",
  "curl -u username:password https://example.com",
  "Authorization: Bearer <token>",
  "Authorization: Bearer \u0024{token}",
  "Authorization: Bearer YOUR_ACCESS_TOKEN",
  "Cookie: theme=dark; lang=en-US; consent=accepted2024",
  "Set-Cookie: session=deleted; Max-Age=0",
  "<apiKey>YOUR_API_KEY</apiKey>",
  `<add key="ApiKey" value="[your key]" />`,
  `<property name="tokenStore" value="org.acme.auth.Token2Store"/>`,
  `<string name="access_token_hint">Paste your access token v2 here</string>`,
  "https://api.example.com/?api_key=YOUR_KEY",
  "https://example.com/?key=value&token=abc",
  "https://maps.example.com/?session=2&page_token=next",
  "The API key is 32 characters long.",
  "Your access token: see the dashboard under Settings2.",
  "| API_KEY | the key of your account, 32 hexadecimal digits |",
  "| access_token | string | `required` |",
  "- **api key**: `string`, from the console\n",
  "mysql -h db -u root -p shop",
  "redis-cli -h cache PING",
  "password: string;\npassword?: string | null;",
  "password: Optional[str] = None\npwd: SecretStr",
  "password VARCHAR(255) NOT NULL,\ntoken VARCHAR2(64)",
  'String password = request.getParameter("password");',
  "passphrase: &str, password: Vec<u8>, pwd: uint8_t*",
  "client.setApiKey(config.getApiKeyV2());",
  `props.setProperty("acme.api-key", apiKeyV2FromVault);`,
  `req.Header.Set("X-Api-Key", apiKeyFromEnv2)`,
  `define('API_KEY', getenv('API_KEY_V2'));`,
  "#define TOKEN_BUFFER_SIZE 4096",
  "#define SECRET_KEY_LENGTH crypto_secretbox_KEYBYTES2",
  'let api_key: &str = include_str!("key2.txt");',
  "integrity: sha512-base64, checksum: sha256:abc",
  "credential: UsernamePasswordCredentialV2Provider",
]);

/** Random values in places that are known to hold no secret. */
const harmless = shapes("", plainKey, [
  `s3.get_object(Bucket="media", Key="uploads/2026/03/‹›.png")`,
  `<li key="item-‹›">One</li>`,
  "Sec-WebSocket-Key: ‹›",
  "cache_key: ‹›",
  `"primaryKey": "‹›"`,
  "partition_key = '‹›'",
  "Idempotency-Key: ‹›",
  `"public_key": "‹›"`,
  "Vapid Public Key: ‹›",
  `"nextPageToken": "‹›"`,
  "page_token=‹›&limit=3",
  `"cursor": "‹›", "continuation_token": "‹›"`,
  `<div class="g-recaptcha" data-sitekey="‹›">`,
  `"objectKey": "‹›"`,
  "routing_key = ‹›",
  "ssh-host-key: ‹›",
  `"checksum": "‹›", "etag": "‹›"`,
  "commit ‹›",
  "The request id is ‹›.",
  `integrity="sha384-‹›"`,
]);

export const settings: readonly Shape[] = [...assignments, ...headers, ...commands, ...nothing, ...harmless];
