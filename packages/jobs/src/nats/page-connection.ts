/** A page's line to a server: websocket. Its credentials are what its user types, or whoever serves it gives; none are read from anywhere. */
import { EnergyError } from "@comhe/core/layouts";
import {
  type Authenticator,
  type NatsConnection,
  nkeyAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
  wsconnect,
} from "@nats-io/nats-core";

/** How a page signs in to a server: with a user's name and password, a token, or the seed of an NKey. */
export type PageCredentials =
  | {
      /** The user's name. */
      readonly user: string;
      /** The user's password. */
      readonly password: string;
    }
  | {
      /** The token. */
      readonly token: string;
    }
  | {
      /** The seed of the NKey. */
      readonly seed: string;
    };

/**
 * Connects a page to a server that listens for websockets, and again when the line is cut.
 *
 * @param address `wss://host[:port]`; `ws://` on loopback
 * @throws EnergyError `invalid-config` for another address; `unsupported` where no server answers
 */
export async function connectPage(address: string, credentials?: PageCredentials): Promise<NatsConnection> {
  let url: URL | undefined;
  try {
    url = new URL(address.trim());
  } catch {
    // Said below.
  }
  if (url === undefined || !/^wss?:$/.test(url.protocol) || url.username !== "" || url.password !== "") {
    throw new EnergyError("invalid-config", "expected wss://host[:port], without a name or password in it.");
  }
  try {
    return await wsconnect({
      ...{ servers: url.href, name: "comhe page", maxReconnectAttempts: -1, reconnectTimeWait: 1000, timeout: 10_000 },
      ...(credentials ? { authenticator: authenticatorOf(credentials) } : {}),
    });
  } catch (error) {
    const { message } = error as Error;
    throw new EnergyError("unsupported", `${url.host}: no connection (${message || "refused"}).`, {}, error);
  }
}

function authenticatorOf(credentials: PageCredentials): Authenticator {
  if ("user" in credentials) return usernamePasswordAuthenticator(credentials.user, credentials.password);
  if ("token" in credentials) return tokenAuthenticator(credentials.token);
  return nkeyAuthenticator(new TextEncoder().encode(credentials.seed.trim()));
}
