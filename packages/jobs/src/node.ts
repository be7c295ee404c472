/**
 * Pieces on this machine: {@link runLocally} computes them with a thread for each core, {@link folderStore} stores results that many processes share, and
 * {@link servePieces} is for worker threads with backends or studies of your own.
 *
 * @packageDocumentation
 */
export { folderStore } from "./node/folder-store.js";
export { digestOf } from "./node/layer-digest.js";
export { lineStore } from "./node/line-store.js";
export { PieceFailed, PieceThread, type ThreadOutput } from "./node/piece-thread.js";
export {
  type FailedPiece,
  type LocalOptions,
  type LocalOutcome,
  type LocalProgress,
  runLocally,
} from "./node/run-locally.js";
export { type ServeOptions, servePieces } from "./node/serve-pieces.js";
export type { ThreadSettings } from "./node/thread-messages.js";
export { allowPlaces } from "./source/allow.js";
