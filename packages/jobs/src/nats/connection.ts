/** A connection that outlives its server, and calls that are made again when it wasn't there. */
import { hostname } from "node:os";
import { EnergyError } from "@comhe/core/layouts";
import type { NatsConnection } from "@nats-io/nats-core";
import { connect } from "@nats-io/transport-node";
import { credentialsOf, serversOf } from "./credentials.js";
import { isPassing, pause } from "./retry.js";
import { tlsOf } from "./tls.js";

/** Options of {@link connectTo}. */
export interface ConnectOptions {
  /** The environment variables that name the credentials. Default: the process' own. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Called each time that no server is there yet, which is then tried again. Default: that is an error. */
  readonly onWaiting?: ((problem: string) => void) | undefined;
}

/** Milliseconds between two tries to connect for the first time. */
const firstTries = 2000;

/**
 * Connects to a NATS server with the credentials that the environment names. A server that goes away after it was there is waited for without an
 * end.
 *
 * @throws EnergyError `invalid-config` for the address or credentials; `unsupported` where no server answers, or it has no JetStream
 */
export async function connectTo(
  address: string,
  { env = process.env, onWaiting }: ConnectOptions = {},
): Promise<NatsConnection> {
  const servers = serversOf(address);
  const credentials = credentialsOf(env);
  for (;;) {
    try {
      return await connectOnce(servers, credentials);
    } catch (error) {
      if (onWaiting === undefined || !isPassing(error)) {
        throw new EnergyError("unsupported", `${servers.join(", ")}: no connection (${reasonOf(error)}).`, {}, error);
      }
      onWaiting((error as Error).message);
      await pause(firstTries);
    }
  }
}

/** The client's own messages name no credentials. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  const said = cause instanceof Error && !message.includes(cause.message) ? `${message}: ${cause.message}` : message;
  if (/certificate|self.signed|altname/i.test(said)) {
    return `${said}: the server's certificate isn't one to trust; COMHE_NATS_CA_FILE names the authority that signed it`;
  }
  return said;
}

function connectOnce(servers: string[], credentials: ReturnType<typeof credentialsOf>): Promise<NatsConnection> {
  const { authenticator, tls } = { ...credentials, tls: tlsOf(servers, credentials.tls ?? undefined) };
  return connect({
    ...(authenticator ? { authenticator } : {}),
    ...(tls ? { tls } : {}),
    servers,
    name: `comhe ${hostname()}`,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 500,
    timeout: 5000,
    // A line that was cut without a word is noticed by these.
    pingInterval: 10_000,
    maxPingOut: 2,
  });
}
