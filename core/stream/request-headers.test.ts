import assert from "node:assert/strict";
import { test } from "node:test";
import { isShownHeader } from "./request-headers.ts";

const kept = `authorization proxy-authorization x-forwarded-authorization x-serverless-authorization cookie set-cookie cookie2
  x-api-key api-key apikey x-apikey x-goog-api-key ocp-apim-subscription-key x-functions-key idempotency-key x-passkey x-key-1 x-key2 x-keys
  x-auth-token x-access-token x-authtoken x-csrftoken x-amz-security-token x-vault-token x-token x-tokens token private-token x_api_key
  x-client-secret client-secrets x-secret-name x-password x-passwd x-user-passphrase x-credentials x-amz-credential x.api.key x-monkey`;

const shown = `x-keycloak-user x-keyboard x-tokenizer x-secretary x-passwordless x-tenant-id x-session-id x-team user-agent accept
  authorization-mode x-authorized-user x-cookie-consent x-credentialing content-type openai-organization x-midstream-annotate host x-keyed`;

const names = (table: string) => table.split(/\s+/);

test("a header whose name says that it is a key is not shown, in any case", () => {
  for (const name of names(kept)) assert.deepEqual([isShownHeader(name), isShownHeader(name.toUpperCase())], [false, false], name);
});

test("a header whose name only begins like such a word is shown", () => {
  for (const name of names(shown)) assert.deepEqual([isShownHeader(name), isShownHeader(name.toUpperCase())], [true, true], name);
});
