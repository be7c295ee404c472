/** Results on a server: created if absent, in a key-value bucket; what is larger than a message lies in an object store beside it. */

import { JetStreamApiError } from "@nats-io/jetstream";
import type { KV } from "@nats-io/kv";
import type { ObjectStore } from "@nats-io/obj";
import { sha256 } from "../identity/digest.js";
import type { ResultStore } from "../store/result-store.js";
import { decodeResult, encodeResult, largestResult, type StoredResult } from "../store/stored-result.js";
import { parseMessage, pointerSchema } from "./messages.js";

/** Bytes of a result from which on it is an object: a message holds a megabyte, unless a server says otherwise. */
const largeFrom = 2 ** 19;

/** How a server says that a key has a value already. */
const wrongLastSequence = 10_071;

/** A store that keeps results on a server. */
export class NatsStore implements ResultStore {
  /**
   * A store over buckets that are there already.
   *
   * @param results the bucket of results by piece
   * @param large of results beyond what a message may hold; opened when it is needed
   */
  constructor(
    /** The bucket of results, by the names of pieces. */
    readonly results: KV,
    /** Opens the store of results that are larger than a message. */
    readonly large: () => Promise<ObjectStore>,
  ) {}

  async get(piece: string): Promise<StoredResult | undefined> {
    const entry = await this.results.get(piece);
    if (entry === null || entry.operation !== "PUT") return undefined;
    return this.read(piece, entry.value).catch(() => undefined);
  }

  /**
   * Reads a result from what the bucket holds of it.
   *
   * @throws EnergyError `invalid-state` for what is no result
   * @throws Error for one that isn't there
   */
  async read(piece: string, value: Uint8Array): Promise<StoredResult> {
    const pointer = parseMessage(pointerSchema, value, 1024);
    if (pointer === undefined) return decodeResult(piece, value);
    if (!pointer.object.startsWith(piece) || pointer.size > largestResult)
      throw new Error("it points to another piece's, or is too large");
    const large = await this.large();
    const info = await large.info(pointer.object);
    if (info === null || info.size !== pointer.size) throw new Error("what it points to isn't there");
    const bytes = await large.getBlob(pointer.object);
    if (bytes === null) throw new Error("what it points to isn't there");
    return decodeResult(piece, bytes);
  }

  async put(result: StoredResult): Promise<boolean> {
    const bytes = await encodeResult(result);
    if (bytes.length < largeFrom) return this.#create(result.piece, bytes);
    const large = await this.large();
    const object = `${result.piece}-${(await sha256(bytes)).slice(0, 16)}`;
    await large.putBlob({ name: object }, bytes);
    const pointer = JSON.stringify({ format: "comhe-pointer", object, size: bytes.length });
    const kept = await this.#create(result.piece, pointer);
    if (!kept) {
      const entry = await this.results.get(result.piece);
      // The same result, put by us before the answer was lost, is the one that is pointed to.
      if (entry?.string() !== pointer) await large.delete(object).catch(() => {});
    }
    return kept;
  }

  async names(): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    for await (const name of await this.results.keys()) found.add(name);
    return found;
  }

  async #create(piece: string, value: Uint8Array | string): Promise<boolean> {
    try {
      await this.results.create(piece, value);
      return true;
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === wrongLastSequence) return false;
      throw error;
    }
  }
}
