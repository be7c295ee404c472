/** A message that names a piece, and what the server hears of it. */
import type { JsMsg } from "@nats-io/jetstream";

/** The server says that it knows, or the piece is given out again, which costs nothing but a look at the store. */
export async function acknowledge(message: JsMsg): Promise<void> {
  for (let n = 0; n < 3; n++) if (await message.ackAck({ timeout: 2000 }).catch(() => false)) return;
}
