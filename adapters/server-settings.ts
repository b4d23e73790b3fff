/** What the door needs of `server` in the config, checked beyond its shape: certificates, and what this runtime offers. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { offersHttp3 } from "#listen";
import { configError, type Problem, type ServerConfig } from "../core/index.ts";
import type { SecretReference } from "../core/plugin/contract.ts";

/** PEM texts. */
export interface TlsTexts {
  readonly cert: string;
  readonly key: string;
}

type ReadSecret = (reference: SecretReference) => string | undefined;

/** Whether `read` takes `text`; the library's own messages may quote it. */
function succeeds(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}

function tlsProblems({ cert, key }: TlsTexts): Problem[] {
  const problems: Problem[] = [];
  if (!succeeds(() => new X509Certificate(cert))) problems.push({ path: "server.tls.cert", message: "holds no certificate in PEM form" });
  if (!succeeds(() => createPrivateKey(key)))
    problems.push({ path: "server.tls.key", message: "holds no unencrypted private key in PEM form" });
  if (problems.length === 0 && !new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)))
    problems.push({ path: "server.tls.key", message: "is not the key of the first certificate in server.tls.cert" });
  return problems;
}

/** The certificate and the key where TLS is configured. @throws MidStreamError CONFIG_INVALID with everything that is wrong */
export function readTls({ tls, http3 }: ServerConfig, secret: ReadSecret): TlsTexts | undefined {
  const problems: Problem[] = [];
  if (http3 && tls === undefined) problems.push({ path: "server.http3", message: "needs server.tls" });
  if (http3 && !offersHttp3) problems.push({ path: "server.http3", message: "is not offered by this runtime; run on Bun" });
  let texts: TlsTexts | undefined;
  if (tls !== undefined) {
    const found = { cert: secret(tls.cert), key: secret(tls.key) };
    for (const name of ["cert", "key"] as const) {
      const reference = tls[name];
      const what = "env" in reference ? `environment variable ${reference.env}` : `file ${reference.file}`;
      if (found[name] === undefined) problems.push({ path: `server.tls.${name}`, message: `the ${what} is not there` });
    }
    if (found.cert !== undefined && found.key !== undefined) {
      texts = { cert: found.cert, key: found.key };
      problems.push(...tlsProblems(texts));
    }
  }
  if (problems.length > 0) throw configError(problems);
  return texts;
}
