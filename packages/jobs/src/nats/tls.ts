/** TLS as it was asked for: never less, and held to the names that were given. */
import { isIP } from "node:net";
import { checkServerIdentity, type PeerCertificate } from "node:tls";
import type { TlsOptions } from "@nats-io/nats-core";

/**
 * Options of TLS for these servers; `undefined` where nobody asked for it.
 *
 * @param servers as `serversOf` gives them
 * @param files what the environment names; with any of it, or with a server called `tls://`, a line in the clear is refused
 */
export function tlsOf(servers: readonly string[], files: TlsOptions | undefined): TlsOptions | undefined {
  if (files === undefined && !servers.some((server) => server.startsWith("tls:"))) return undefined;
  const hosts = servers.map((server) => new URL(server).hostname.replace(/^\[|\]$/g, ""));
  const options = { ...files, checkServerIdentity: identityOf(hosts) };
  return options as TlsOptions;
}

/**
 * The client tells Node no name where a server is named by its number, and Node then looks for "localhost" in the certificate: one for that
 * would pass, and the right one wouldn't. The numbers that were given count instead.
 */
export function identityOf(hosts: readonly string[]) {
  const numbers = hosts.filter((host) => isIP(host) !== 0);
  return (name: string, certificate: PeerCertificate): Error | undefined => {
    const isUnnamed = name === "" || (name === "localhost" && numbers.length > 0);
    if (!isUnnamed) return checkServerIdentity(name, certificate);
    const candidates = hosts.includes("localhost") ? ["localhost", ...numbers] : numbers;
    const problems = candidates.map((candidate) => checkServerIdentity(candidate, certificate));
    return problems.includes(undefined) ? undefined : problems[0];
  };
}
