/** Calls that are made again when the server wasn't there; what its errors mean. */
import { JetStreamApiError } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";

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
    /stream not found|object store not found|consumer not found|consumer deleted|no stream matches/i.test(message)
  );
}

/** Milliseconds. */
export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
