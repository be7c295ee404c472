/** Who connects: from the environment and from files that it names, never from arguments, which every user of a machine can list. */
import { readFileSync } from "node:fs";
import { EnergyError } from "@comhe/core/layouts";
import {
  type Authenticator,
  type ConnectionOptions,
  credsAuthenticator,
  nkeyAuthenticator,
  type TlsOptions,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from "@nats-io/nats-core";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the credentials that the environment names, one of:
 * `COMHE_NATS_USER` with `COMHE_NATS_PASSWORD` or `COMHE_NATS_PASSWORD_FILE`; `COMHE_NATS_TOKEN` or `COMHE_NATS_TOKEN_FILE`; `COMHE_NATS_NKEY_FILE`: a
 * seed; `COMHE_NATS_CREDS_FILE`: a user's JWT with its seed. For TLS `COMHE_NATS_CA_FILE`, `COMHE_NATS_CERT_FILE`, `COMHE_NATS_KEY_FILE`.
 *
 * @throws EnergyError `invalid-config` for more than one of them, and for files that can't be read
 */
export function credentialsOf(env: Environment = process.env): Pick<ConnectionOptions, "authenticator" | "tls"> {
  const given = (name: string) => env[`COMHE_NATS_${name}`] || undefined;
  const file = (name: string) => {
    const path = given(`${name}_FILE`);
    return path === undefined ? undefined : readSecret(`COMHE_NATS_${name}_FILE`, path);
  };
  const password = given("PASSWORD") ?? file("PASSWORD")?.trim();
  const token = given("TOKEN") ?? file("TOKEN")?.trim();
  const seed = file("NKEY")?.trim();
  const creds = file("CREDS");
  const user = given("USER");
  const bytes = (text: string) => new TextEncoder().encode(text);
  const ways: (readonly [string, Authenticator])[] = [];
  if (user !== undefined) ways.push(["USER", usernamePasswordAuthenticator(user, password)]);
  if (token !== undefined) ways.push(["TOKEN", tokenAuthenticator(token)]);
  if (seed !== undefined) ways.push(["NKEY_FILE", nkeyAuthenticator(bytes(seed))]);
  if (creds !== undefined) ways.push(["CREDS_FILE", credsAuthenticator(bytes(creds))]);
  if (ways.length > 1) {
    const names = ways.map(([name]) => `COMHE_NATS_${name}`).join(", ");
    throw new EnergyError(
      "invalid-config",
      `expected one way to sign in to the server, got ${names}. Unset all but one.`,
    );
  }
  if (user === undefined && password !== undefined) {
    throw new EnergyError(
      "invalid-config",
      "COMHE_NATS_PASSWORD is set, and COMHE_NATS_USER isn't. Set both, or neither.",
    );
  }
  const [ca, cert, key] = [file("CA"), file("CERT"), file("KEY")];
  const tls: TlsOptions | undefined =
    ca === undefined && cert === undefined
      ? undefined
      : {
          ...(ca === undefined ? {} : { ca }),
          ...(cert === undefined ? {} : { cert }),
          ...(key === undefined ? {} : { key }),
        };
  return { ...(ways[0] ? { authenticator: ways[0][1] } : {}), ...(tls ? { tls } : {}) };
}

function readSecret(name: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new EnergyError("invalid-config", `${name}: ${path} can't be read (${(error as Error).message}).`, {}, error);
  }
}

/**
 * The servers of an address, `nats://host:port` or `tls://…`, several separated by commas.
 *
 * @throws EnergyError `invalid-config` for another address, and for one with a password in it
 */
export function serversOf(address: string): string[] {
  return address.split(",").map((each) => {
    let url: URL | undefined;
    try {
      url = new URL(each.trim());
    } catch {
      // Said below.
    }
    if (url === undefined || !/^(?:nats|tls):$/.test(url.protocol) || url.hostname === "") {
      throw new EnergyError(
        "invalid-config",
        `expected nats://host[:port], got ${JSON.stringify(each.replace(/\/\/[^@/]*@/, "//…@"))}.`,
      );
    }
    if (url.username !== "" || url.password !== "") {
      throw new EnergyError(
        "invalid-config",
        "the server's address has a name or password in it, which every user of this machine can list. Set COMHE_NATS_USER and COMHE_NATS_PASSWORD_FILE instead.",
      );
    }
    return `${url.protocol}//${url.hostname}:${url.port || "4222"}`;
  });
}
