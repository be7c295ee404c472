import type { Candidate } from "./candidate.js";
import { ortGraph } from "./ort-graph.js";
import { ourCandidates, plainJavaScript } from "./ours.js";
import { pytorchCandidates } from "./pytorch.js";
import { tfjsAutodiff } from "./tfjs.js";

/** In the order of the tables: ours, then the peers. */
export const candidates: readonly Candidate[] = [
  ...ourCandidates,
  ...pytorchCandidates,
  ortGraph,
  tfjsAutodiff,
  { ...plainJavaScript, ours: false },
];
