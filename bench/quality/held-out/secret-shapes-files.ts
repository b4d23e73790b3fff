/** Files of tools and connection strings with a secret in them, as their manuals show them. Must not know the rules. */
import { key, password, plainKey, type Shape, shapes } from "./secret-shapes-settings.ts";
import type { Numbers } from "./secret-values.ts";

const base62 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

const encoded = (text: string): string => Buffer.from(text).toString("base64");
const random =
  (alphabet: string, length: number) =>
  (numbers: Numbers): string =>
    numbers.of(alphabet, length);
const base64Key =
  (bytes: number) =>
  (numbers: Numbers): string =>
    Buffer.from(Array.from({ length: bytes }, () => numbers.below(256))).toString("base64");
const base64UrlKey =
  (bytes: number) =>
  (numbers: Numbers): string =>
    Buffer.from(base64Key(bytes)(numbers), "base64").toString("base64url");
/** Base64 of `name:password`, as HTTP Basic and container registries want it. */
const pair = (numbers: Numbers): string => encoded(`jane:${password(numbers)}`);
/** A JSON web token with random claims and signature. */
const jwt = (numbers: Numbers): string =>
  `${[JSON.stringify({ alg: "RS256", kid: numbers.of(base62, 8) }), JSON.stringify({ sub: numbers.of(base62, 12) })]
    .map((part) => Buffer.from(part).toString("base64url"))
    .join(".")}.${numbers.of(base62, 86)}`;
/** The body of a private key in PKCS #8 (RFC 5958), lines of 64 characters with `end` between. */
const pemBody =
  (end: string) =>
  (numbers: Numbers): string =>
    (`MIIEv${numbers.of(base62, 600)}`.match(/.{1,64}/g) ?? []).join(end);
const dashes = "-".repeat(5);
const begin = (kind: string): string => `${dashes}BEGIN ${kind}${dashes}`;
const end = (kind: string): string => `${dashes}END ${kind}${dashes}`;

const connections = shapes("connection strings", password, [
  "postgres://app:«»@db.example.com:5432/shop",
  "DATABASE_URL=postgresql+asyncpg://app:«»@db/shop?sslmode=require",
  `create_engine("mysql+pymysql://root:«»@127.0.0.1/shop")`,
  "mongodb+srv://app:«»@cluster0.example.net/?retryWrites=true",
  "redis://:«»@cache:6379/0",
  "rediss://default:«»@cache:6380",
  "amqps://app:«»@queue:5671/%2f",
  "smtp://mailer:«»@mail.example.com:587",
  "ftp://jane:«»@files.example.com/in",
  "https://jane:«»@git.example.com/acme/web.git",
  "jdbc:postgresql://db/shop?user=app&password=«»",
  "jdbc:mysql://db:3306/shop?user=root&password=«»&useSSL=false",
  "jdbc:sqlserver://db:1433;databaseName=shop;user=sa;password=«»;",
  "jdbc:oracle:thin:app/«»@db:1521:xe",
  "Server=db;Database=shop;User Id=sa;Password=«»;Encrypt=True",
  `"Default": "Data Source=db;Initial Catalog=shop;User ID=sa;Pwd=«»"`,
  "host=db port=5432 dbname=shop user=app password=«» sslmode=require",
  "Driver={ODBC Driver 18 for SQL Server};Server=db;UID=app;PWD=«»;",
  `mysqli_connect("db", "root", "«»", "shop")`,
  `psycopg2.connect(host="db", user="app", password="«»")`,
  `mysql.createConnection({ host: "db", user: "root", password: "«»" })`,
  `DriverManager.getConnection(url, "app", "«»");`,
]);

const passwords = shapes("passwords in files", password, [
  "machine api.example.com login jane password «»",
  "machine api.example.com\n  login jane\n  password «»\n",
  "default login anonymous password «»\n",
  "db.example.com:5432:shop:app:«»\n",
  "*:*:*:app:«»\n",
  "https://jane:«»@github.com\n",
  "[client]\nuser=root\npassword=«»\n",
  "[pypi]\nusername = jane\npassword = «»\n",
  "<server><id>acme</id><username>jane</username><password>«»</password></server>",
  `<add key="ClearTextPassword" value="«»" />`,
  "define( 'DB_PASSWORD', '«»' );",
  "DB_USERNAME=shop\nDB_PASSWORD=«»\n",
  "spring.datasource.password=«»\n",
  "signing.password=«»\n",
  "spring:\n  datasource:\n    username: app\n    password: «»\n",
  "services:\n  db:\n    environment:\n      POSTGRES_PASSWORD: «»\n",
  "      - MYSQL_ROOT_PASSWORD=«»\n",
  "users:\n- name: jane\n  user:\n    username: jane\n    password: «»\n",
  `master_password = "«»"\nengine = "postgres"`,
  `variable "db_password" {\n  default = "«»"\n}`,
  "MasterUserPassword: «»\n",
  "    db_password: «»\n    db_user: app\n",
  "ansible_ssh_pass=«» ansible_user=root",
  "ansible_become_password: «»\n",
  "requirepass «»\n",
  "rpcuser=bitcoin\nrpcpassword=«»\n",
  "wpa_passphrase=«»\n",
  `network={\n  ssid="home"\n  psk="«»"\n}`,
  "smtp_sasl_password = «»",
  `"auth": {"user": "mailer@example.com", "pass": "«»"}`,
  "Username: jane\nPassword: «»\n",
  "The password is «»\n",
  "- Password: `«»`\n",
  "| Password | `«»` |",
  "user: jane, password: «», role: admin",
  `ALTER USER app WITH PASSWORD '«»';`,
  `CREATE USER 'app'@'%' IDENTIFIED BY '«»';`,
  `net user jane «» /add`,
  `ConvertTo-SecureString "«»" -AsPlainText -Force`,
  `echo 'jane:«»' | chpasswd`,
]);

const pem = (kinds: readonly string[], write: (kind: string) => string, body: Shape["value"]): Shape[] =>
  shapes("private keys", body, kinds.map(write));
const kinds = ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "OPENSSH PRIVATE KEY"];

const privateKeys: readonly Shape[] = [
  ...pem(kinds, (kind) => `${begin(kind)}\n«»\n${end(kind)}\n`, pemBody("\n")),
  ...pem(kinds, (kind) => `"private_key": "${begin(kind)}\\n«»\\n${end(kind)}\\n"`, pemBody("\\n")),
  ...pem(kinds, (kind) => `PRIVATE_KEY="${begin(kind)}\\n«»\\n${end(kind)}"`, pemBody("\\n")),
  ...pem(kinds, (kind) => `key: |\n  ${begin(kind)}\n  «»\n  ${end(kind)}\n`, pemBody("\n  ")),
  ...shapes("private keys", (n) => encoded(`${begin("PRIVATE KEY")}\n${pemBody("\n")(n)}\n${end("PRIVATE KEY")}\n`), [
    "    client-key-data: «»\n",
    "TLS_KEY_B64=«»\n",
    "data:\n  tls.key: «»\n",
  ]),
  ...shapes("private keys", base64UrlKey(256), [
    `{"kty":"RSA","n":"AQ${"x0Yz".repeat(85)}","e":"AQAB","d":"«»"}`,
    `{"kty":"RSA","kid":"1","e":"AQAB","d":"«»","p":"x"}`,
  ]),
  ...shapes("private keys", base64UrlKey(32), [
    `{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"«»"}`,
    `{\n  "crv": "Ed25519",\n  "d": "«»",\n  "kty": "OKP"\n}`,
    `{"kty":"oct","alg":"HS256","k":"«»"}`,
  ]),
  ...shapes("private keys", base64Key(32), [
    "[Interface]\nPrivateKey = «»\nAddress = 10.8.0.2/24\n",
    "PresharedKey = «»\n",
    "APP_KEY=base64:«»\n",
  ]),
];

const tokens: readonly Shape[] = [
  ...shapes("tokens in files", plainKey, [
    "//registry.npmjs.org/:_authToken=«»\n",
    "//npm.pkg.github.com/:_authToken=«»\n",
    `npmAuthToken: "«»"\n`,
    '[registry]\ntoken = "«»"\n',
    `credentials "app.terraform.io" {\n  token = "«»"\n}`,
    "aws_secret_access_key = «»\n",
    "gs_secret_access_key = «»\n",
    `secret_key_base: «»\n`,
    "SECRET_KEY_BASE=«»\n",
    "users:\n- name: admin\n  user:\n    token: «»\n",
    `--- !ruby/hash\n:rubygems_api_key: «»\n`,
    "machine api.heroku.com\n  login jane@example.com\n  password «»\n",
    `bot.login("«»");`,
    `client.login('«»')`,
    `new OpenAI({ apiKey: "«»" })`,
    `ApiKeyCredential("«»")`,
    `new AzureKeyCredential("«»")`,
    `jwt.sign({ id: 1 }, "«»")`,
    `jwt.encode(payload, "«»", algorithm="HS256")`,
    `app.use(session({ secret: "«»", resave: false }))`,
    `app.secret_key = "«»"`,
    `hmac.new(b"«»", message, hashlib.sha256)`,
    `createHmac("sha256", "«»")`,
    `stringData:\n  token: «»\n`,
    `bearer_token: «»\n`,
    `ghcr: { username: jane, token: «» }`,
  ]),
  ...shapes("tokens in files", jwt, [
    "Authorization: Bearer «»",
    "token: «»\n",
    "The token is «».",
    "id_token=«»&state=1",
    `{"access_token":"«»"}`,
  ]),
  ...shapes("tokens in files", pair, [
    "Authorization: Basic «»",
    `{"auths":{"https://index.docker.io/v1/":{"auth":"«»"}}}`,
    `  "auths": {\n    "ghcr.io": {\n      "auth": "«»"\n    }\n  }`,
    "//registry.example.com/:_auth=«»\n",
    `curl -H "Authorization: Basic «»" https://example.com`,
    `headers["Authorization"] = "Basic «»"`,
  ]),
  ...shapes("tokens in files", (n) => encoded(password(n)), [
    "//registry.example.com/:_password=«»\n",
    "apiVersion: v1\nkind: Secret\ndata:\n  password: «»\n",
  ]),
  ...shapes("password hashes", (n) => `$2y$10$${n.of(`${base62}./`, 53)}`, ["jane:«»\n", "password_hash = '«»'"]),
  ...shapes("password hashes", (n) => `$apr1$${n.of(base62, 8)}$${n.of(`${base62}./`, 22)}`, ["jane:«»\n"]),
  ...shapes("password hashes", (n) => `{SHA}${base64Key(20)(n)}`, ["jane:«»\n", "userPassword: «»\n"]),
  ...shapes("password hashes", (n) => `$6$${n.of(base62, 16)}$${n.of(`${base62}./`, 86)}`, ["root:«»:19000:0:99999:7:::\n"]),
  ...shapes("webhooks", random(base62, 24), [`https://hooks.slack.com/services/T0${"A1B2C3D4E"}/B0${"5F6G7H8J9"}/«»`]),
  ...shapes("webhooks", random(`${base62}_-`, 68), [
    "https://discord.com/api/webhooks/1098765432109876543/«»",
    "https://canary.discord.com/api/v10/webhooks/1098765432109876543/«»",
  ]),
];

const nothing = shapes("", key, [
  "postgres://user:password@localhost/db",
  "postgres://\u0024{DB_USER}:\u0024{DB_PASS}@\u0024{DB_HOST}/shop",
  "jdbc:postgresql://db/shop?user=app",
  "Server=db;Database=shop;Trusted_Connection=True;",
  "host=db dbname=shop user=app password=$PGPASSWORD",
  "machine api.example.com login jane password $TOKEN",
  "db.example.com:5432:shop:app",
  "2026-03-04 12:30:45:shop:app:started",
  "INFO:root:shop:app:request42",
  `define( 'DB_PASSWORD', getenv('DB_PASSWORD') );`,
  "password: {{ vault_db_password }}",
  "password: !vault |",
  "POSTGRES_PASSWORD: \u0024{POSTGRES_PASSWORD:?required}",
  "MasterUserPassword: !Ref DBPassword",
  `variable "db_password" {\n  type = string\n  sensitive = true\n}`,
  "The password is required.",
  "The password is at least 12 characters long.",
  "The password is stored as a bcrypt2 hash.",
  "Password: (hidden)\nPassword: ********",
  "Your password: minimum 8 characters, 1 digit",
  "| Password | required, 8 to 64 characters |",
  "- Password: at least 12 characters\n",
  "ALTER USER app WITH PASSWORD :'new_password';",
  "IDENTIFIED BY '<password>'",
  `ConvertTo-SecureString $env:PASS -AsPlainText -Force`,
  `{"kty":"RSA","n":"AQ${"x0Yz".repeat(85)}","e":"AQAB","kid":"2011-04-29"}`,
  `{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"}`,
  `[Peer]\nPublicKey = ${"xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg"}=\n`,
  `${begin("PUBLIC KEY")}\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n${end("PUBLIC KEY")}`,
  "//registry.npmjs.org/:_authToken=\u0024{NPM_TOKEN}",
  `{"auths":{"ghcr.io":{}},"credsStore":"desktop"}`,
  "Authorization: Basic <base64>",
  `certificate-authority-data: ${encoded(`${begin("CERTIFICATE")}\nMIIC`)}`,
  "jwt.sign(payload, process.env.JWT_SECRET)",
  `createHmac("sha256", secret).update("2026-03-04T12:00:00Z")`,
  `createHash("sha256", "utf8")`,
  "bot.login(process.env.DISCORD_TOKEN)",
  "session({ secret: config.sessionSecret2, resave: false })",
  "requirepass \u0024{REDIS_PASSWORD}",
]);

export const files: readonly Shape[] = [...connections, ...passwords, ...privateKeys, ...tokens, ...nothing];
