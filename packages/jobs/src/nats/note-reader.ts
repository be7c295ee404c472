/** What workers say beside results: pieces that were given up, plans that they don't take, results that contradict each other. */
import type { KV } from "@nats-io/kv";
import type { Conflict } from "../store/settle.js";
import type { Ledger } from "./ledger.js";
import { conflictSchema, deadSchema, parseMessage, refusalSchema } from "./messages.js";

/** What it is told by whoever waits for the plan. */
export interface NoteReaderOptions {
  readonly ledger: Ledger;
  readonly log: (line: string) => void;
  readonly onConflict: ((conflict: Conflict) => void) | undefined;
}

/** Bytes of a note that are looked at. */
const largestNote = 1 << 16;

/** Tells each note once. */
export class NoteReader {
  readonly #told = new Set<string>();

  constructor(readonly options: NoteReaderOptions) {}

  async read(notes: KV): Promise<void> {
    const { dead } = this.options.ledger;
    const there = new Set<string>();
    for await (const key of await notes.keys()) there.add(key);
    // Someone has given it another chance.
    for (const number of dead.keys()) {
      if (there.has(`dead.${number}`)) continue;
      dead.delete(number);
      this.#told.delete(`dead.${number}`);
    }
    for (const key of there) {
      if (this.#told.has(key)) continue;
      const entry = await notes.get(key);
      if (entry === null || entry.operation !== "PUT") continue;
      this.#told.add(key);
      this.#tell(key, entry.value);
    }
  }

  #tell(key: string, value: Uint8Array): void {
    const { ledger, log, onConflict } = this.options;
    const dead = parseMessage(deadSchema, value, largestNote);
    const refusal = parseMessage(refusalSchema, value, largestNote);
    const conflict = parseMessage(conflictSchema, value, largestNote);
    if (dead && key === `dead.${dead.number}` && dead.number < ledger.count) ledger.dead.set(dead.number, dead);
    else if (refusal && key.startsWith("refused.")) {
      ledger.refusals.set(key, refusal);
      log(`${refusal.worker} doesn't take part: ${refusal.reason}`);
    } else if (conflict && key.startsWith("conflict.")) onConflict?.(conflict);
    else log(`a note that says nothing (${key.slice(0, 40)}) is left where it is`);
  }
}
