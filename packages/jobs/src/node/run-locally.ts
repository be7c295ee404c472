/** A whole plan on this machine: a thread for each core, no server. */
import { availableParallelism, hostname } from "node:os";
import { EnergyError } from "@comhe/core/layouts";
import { checkResult } from "../piece/check-result.js";
import { type Piece, pieceAt, pieceCount, pieceName } from "../plan/pieces.js";
import type { Plan } from "../plan/schema.js";
import type { ResultStore } from "../store/result-store.js";
import { type Conflict, settle } from "../store/settle.js";
import type { StoredResult } from "../store/stored-result.js";
import { defaultEntry } from "./default-entry.js";
import { PieceFailed, PieceThread } from "./piece-thread.js";

/** Options of {@link runLocally}. */
export interface LocalOptions {
  /** Where results are kept. Pieces that it has results of aren't computed again. */
  readonly store: ResultStore;
  /** How many threads compute. Default: one for each core. */
  readonly threads?: number | undefined;
  /** The file that threads run; it calls `servePieces`. Default: this package's own, with the backends of `@comhe/native` and `@comhe/wasm`. */
  readonly entry?: URL | undefined;
  /** The name of the backend, for the entry's `loadBackend`. Default "auto". */
  readonly backend?: string | undefined;
  /** Folders and addresses that may be read. Default: none, which suffices for simulated tables and studies. */
  readonly allow?: readonly string[] | undefined;
  /** How many bytes of blocks of rows each thread keeps for the next piece. Default 256 MiB. */
  readonly mostBytes?: number | undefined;
  /** Plain data for the entry file's own use. Default: none. */
  readonly data?: unknown;
  /** Which part of the pieces this machine computes, where several machines share a store. Default: all of them. */
  readonly share?:
    | {
        /** Which machine it is, from 0: it computes the pieces number `index`, `index + of`, `index + 2·of`, … */
        readonly index: number;
        /** How many machines there are. */
        readonly of: number;
      }
    | undefined;
  /** Breaks the run off. */
  readonly signal?: AbortSignal | undefined;
  /** Called now and then with the progress. */
  readonly onProgress?: ((progress: LocalProgress) => void) | undefined;
  /** Called with two results of one piece that differ. */
  readonly onConflict?: ((conflict: Conflict) => void) | undefined;
  /** Called at once with a piece that failed; abort if you don't want the others. */
  readonly onFailed?: ((failed: FailedPiece) => void) | undefined;
}

/** A piece without a result, and why. */
export interface FailedPiece {
  /** The piece's place in the plan's order, from 0. */
  readonly number: number;
  /** What went wrong. */
  readonly message: string;
  /** The kind of error: an `EnergyErrorCode`, "unexpected", or "died" if its thread ended. */
  readonly code: string;
}

/** The progress of a plan. */
export interface LocalProgress {
  /** How many pieces have results. */
  readonly done: number;
  /** How many pieces there are. */
  readonly of: number;
  /** The sum of the completed fractions of the pieces under way. */
  readonly underWay: number;
  /** The piece that has just been done; `undefined` between two. */
  readonly piece?: Piece | undefined;
  /** The result of `piece`; `undefined` where it failed. */
  readonly result?: StoredResult | undefined;
}

/** The outcome of a plan. */
export interface LocalOutcome {
  /** How many pieces have results by now. */
  readonly done: number;
  /** How many of them had results before. */
  readonly before: number;
  /** Whether the run was broken off. */
  readonly interrupted: boolean;
  /** The pieces that failed. */
  readonly failed: readonly FailedPiece[];
}

/**
 * Computes all pieces of a plan that the store lacks, on this machine. A piece that fails doesn't stop the others.
 *
 * @throws EnergyError `invalid-config` for a wrong `share`
 * @throws whatever prevents results from being stored
 */
export async function runLocally(plan: Plan, options: LocalOptions): Promise<LocalOutcome> {
  const { store, signal, onProgress, onConflict, onFailed, share = { index: 0, of: 1 } } = options;
  if (!(share.of >= 1 && share.index >= 0 && share.index < share.of)) {
    throw new EnergyError(
      "invalid-config",
      `expected a share i of n with 0 ≤ i < n, got ${share.index} of ${share.of}.`,
    );
  }
  const {
    threads = availableParallelism(),
    entry = defaultEntry(),
    backend = "auto",
    allow = [],
    mostBytes,
    data,
  } = options;
  const known = await store.names();
  const all = Math.ceil((pieceCount(plan) - share.index) / share.of);
  const failed: FailedPiece[] = [];
  const underWay = new Map<number, number>();
  let [done, before] = [0, 0];
  let fatal: unknown;
  const tell = (piece?: Piece, result?: StoredResult) =>
    onProgress?.({
      done,
      of: all,
      underWay: [...underWay.values()].reduce((sum, part) => sum + part, 0),
      piece,
      result,
    });

  let next = share.index;
  const take = async (): Promise<{ piece: Piece; name: string } | undefined> => {
    while (next < pieceCount(plan)) {
      const piece = pieceAt(plan, next);
      next += share.of;
      const name = await pieceName(plan, piece);
      if (!known.has(name) || (await store.get(name)) === undefined) return { piece, name };
      done++;
      before++;
    }
    return undefined;
  };

  const work = async (index: number) => {
    const thread = new PieceThread(entry, { backend, allow, mostBytes, data });
    const stop = () => void thread.stop();
    signal?.addEventListener("abort", stop);
    try {
      // A thread is started for a piece, and not to find that there is none.
      let taken = await take();
      if (taken === undefined) return;
      const by = { worker: `${hostname()}/${process.pid}/${index}`, backend: await thread.backend() };
      for (; taken !== undefined; taken = await take()) {
        if (signal?.aborted || fatal !== undefined) return;
        const { piece, name } = taken;
        let result: StoredResult | undefined;
        try {
          const output = await thread.run(plan, piece.number, (part) => {
            underWay.set(piece.number, part);
            tell();
          });
          result = { piece: name, by, ...output };
          checkResult(plan, piece, result);
          const { conflict } = await settle(plan, piece.number, store, result);
          if (conflict) onConflict?.(conflict);
          done++;
        } catch (error) {
          if (signal?.aborted) return;
          if (!(error instanceof PieceFailed)) throw error;
          failed.push({ number: piece.number, message: error.message, code: error.code });
          onFailed?.(failed.at(-1)!);
        } finally {
          underWay.delete(piece.number);
        }
        tell(piece, result);
      }
    } catch (error) {
      if (!signal?.aborted) fatal ??= error;
    } finally {
      signal?.removeEventListener("abort", stop);
      await thread.stop();
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(threads, all)) }, (_, index) => work(index)));
  if (fatal !== undefined) throw fatal;
  return { done, before, interrupted: signal?.aborted ?? false, failed };
}
