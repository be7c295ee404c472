/** Stores of results. The result of a piece is written once, by whichever process is first. */
import type { StoredResult } from "./stored-result.js";

/** A store of results, by the names of pieces. */
export interface ResultStore {
  /** Reads the result of a piece; `undefined` if there is no readable one. A damaged result is set aside and counts as missing. */
  get(piece: string): Promise<StoredResult | undefined>;
  /** Stores a result if there is none yet, atomically, and says whether it did. @throws whatever prevents it from being written */
  put(result: StoredResult): Promise<boolean>;
  /** The names of all pieces that have results, in any order. */
  names(): Promise<ReadonlySet<string>>;
  /** Keeps a result that contradicts the stored one, so that it can be examined. */
  keepOther?(result: StoredResult): Promise<void>;
}

/** A store that keeps results in memory. */
export function memoryStore(): ResultStore {
  const results = new Map<string, StoredResult>();
  return {
    get: async (piece) => results.get(piece),
    async put(result) {
      if (results.has(result.piece)) return false;
      results.set(result.piece, result);
      return true;
    },
    names: async () => new Set(results.keys()),
  };
}
