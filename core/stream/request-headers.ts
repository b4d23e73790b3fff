/** Which headers of a client's request the gateway shows to anybody: to `match`, and to plugins as `ModelRequest.headers`. */

/** A word that ends so says that the value is a key: `x-api-key`, `x-authtoken`, `secret2`, but not `x-keycloak-user` or `x-tokenizer`. */
const secretWord = /(?:key|token|secret|password|passwd|passphrase|credential)s?\d*(?![a-z0-9])/;
/** Other names of headers whose value is a key: those of RFC 9110 section 11 and RFC 6265, also behind a proxy's prefix. */
const secretName = /^(?:set-)?cookie2?$|(?:^|[^a-z0-9])authorization$/;

/** Whether a header of this name, in any case, may be shown: not where its name says that its value is a key. */
export function isShownHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return !secretWord.test(lower) && !secretName.test(lower);
}
