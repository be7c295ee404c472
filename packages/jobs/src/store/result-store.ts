/** Where results are kept: written once for each piece, whoever comes first. */
import type { StoredResult } from "./stored-result.js";

/** A store of results, by the names of pieces. */
export interface ResultStore {
  /** `undefined` where there is none that can be read: what is damaged is set aside and counts as none. */
  get(piece: string): Promise<StoredResult | undefined>;
  /** Keeps a result if there is none yet, in one step; says whether it did. @throws what keeps it from being written */
  put(result: StoredResult): Promise<boolean>;
  /** The names of all pieces that it has results of, in any order. */
  names(): Promise<ReadonlySet<string>>;
  /** Keeps a result that contradicts the one that is there, for whoever looks into it. */
  keepOther?(result: StoredResult): Promise<void>;
}

/** A store in memory. */
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
