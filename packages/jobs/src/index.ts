/**
 * Hyperspherical energy on many machines: a {@link Plan} cuts an audit, a table or a study into pieces whose names follow from their contents,
 * a {@link PieceRunner} computes one, a {@link ResultStore} keeps each result once, and a reduction adds them up in the plan's order.
 *
 * Threads and folders are in `@comhe/jobs/node`, the engine for many machines in `@comhe/jobs/nats`.
 *
 * @packageDocumentation
 */
export { canonicalJson } from "./identity/canonical-json.js";
export { isName, nameOf } from "./identity/digest.js";
export { checkResult, layerOf, stripOf } from "./piece/check-result.js";
export { bounds, type Disagreement, disagreement } from "./piece/disagreement.js";
export {
  type MakeRun,
  type PieceOutput,
  PieceRunner,
  type RunnerOptions,
  type ServedStudy,
} from "./piece/piece-runner.js";
export type { StripResult } from "./piece/strip.js";
export { checkPlan } from "./plan/check-plan.js";
export {
  fingerprintOf,
  type LayerAt,
  planLayers,
  planStudy,
  planTable,
  type SimulatedTable,
  type TableOptions,
} from "./plan/make-plans.js";
export {
  blockCount,
  blockRows,
  type LayerTask,
  type Piece,
  pairsOf,
  pieceAt,
  pieceCount,
  pieceName,
  pieceNames,
  planName,
  type RunTask,
  type StripTask,
  type Task,
} from "./plan/pieces.js";
export {
  type Fingerprint,
  type LayersPlan,
  type PairEnergy,
  type Plan,
  type PlannedModel,
  planVersion,
  type StudyPlan,
  type TablePlan,
  type TableSource,
} from "./plan/schema.js";
export { reduceGradient, reduceTable, type TableTotal } from "./reduce/reduce-table.js";
export type { Allow } from "./source/model-shelf.js";
export { simulatedRows } from "./source/table-reader.js";
export { memoryStore, type ResultStore } from "./store/result-store.js";
export { type Conflict, settle } from "./store/settle.js";
export { decodeResult, encodeResult, largestResult, type Maker, type StoredResult } from "./store/stored-result.js";
