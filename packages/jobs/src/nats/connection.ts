/** A connection that outlives its server, and calls that are made again when it wasn't there. */
import { hostname } from "node:os";
import { EnergyError } from "@comhe/core/layouts";
import { JetStreamApiError } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { connect } from "@nats-io/transport-node";
import { credentialsOf, serversOf } from "./credentials.js";

/** Of {@link connectTo}. */
export interface ConnectOptions {
  /** Where credentials are named. Default: the process' own. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Called each time that no server is there yet, which is then tried again. Default: that is an error. */
  readonly onWaiting?: ((problem: string) => void) | undefined;
}

/** Milliseconds between two tries to connect for the first time. */
const firstTries = 2000;

/**
 * Connects with the credentials of the environment. Once it was there, a server that goes away is waited for without an end.
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
        // The client's own messages name no credentials.
        throw new EnergyError(
          "unsupported",
          `${servers.join(", ")}: no connection (${(error as Error).message}).`,
          {},
          error,
        );
      }
      onWaiting((error as Error).message);
      await pause(firstTries);
    }
  }
}

function connectOnce(servers: string[], credentials: ReturnType<typeof credentialsOf>): Promise<NatsConnection> {
  return connect({
    ...credentials,
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

/** Calls that fail for the moment are made again, for as long as the connection isn't closed. What the server refuses is thrown. */
export async function persistently<T>(
  connection: NatsConnection,
  call: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  for (let wait = 100; ; wait = Math.min(2000, wait * 2)) {
    try {
      return await call();
    } catch (error) {
      if (!isPassing(error) || connection.isClosed() || signal?.aborted) throw error;
      await pause(wait);
    }
  }
}

/** Whether an error says that the server wasn't there, or not ready: what it answers with an error of its own it will answer again. */
export function isPassing(error: unknown): boolean {
  if (error instanceof JetStreamApiError) {
    // 503: JetStream isn't ready; 500: its disk, say. 10008: no leader yet.
    return error.status === 503 || error.status === 500;
  }
  const { name = "", message = "" } = error as Partial<Error>;
  return (
    /Timeout|NoResponders|Connection|Request|Draining|JetStreamNotEnabled/i.test(`${name} ${message}`) &&
    !/Permission|Authorization/i.test(`${name} ${message}`)
  );
}

/** Whether a stream or bucket isn't there: its plan is done, or the server came back with another store. */
export function isMissing(error: unknown): boolean {
  const { message = "", code } = error as { message?: string; code?: number };
  return (
    code === 10_059 ||
    code === 10_014 ||
    /stream not found|consumer not found|consumer deleted|no stream matches/i.test(message)
  );
}

/** Milliseconds. */
export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
