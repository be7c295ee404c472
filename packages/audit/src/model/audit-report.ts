/** What an audit found, as plain JSON: it is printed, drawn, compared and kept. `report.schema.json` is its schema. */
import type { SkippedTensor } from "@comhe/models";
import type { FailedLayer, LayerAudit } from "../layer/layer-audit.js";
import type { AuditSettings } from "../layer/settings.js";
import type { DepthStack } from "../units/depth.js";
import type { ExpertMixture } from "../units/experts.js";
import type { ModelVerdict } from "../verdict/model-verdict.js";

/** The audit of one model or of several. */
export interface AuditReport {
  /** Of this shape. */
  readonly version: 2;
  /** Which energies were taken, and of what. */
  readonly settings: AuditSettings;
  /** Whether it was broken off: `layers` then holds those that were done. */
  readonly interrupted: boolean;
  /** The time it took. */
  readonly milliseconds: number;
  /** The part of it that went into reading. */
  readonly readMilliseconds: number;
  /** What it comes to, in words, for each model. */
  readonly verdicts: readonly ModelVerdict[];
  /** How layers change from block to block, of models whose layers are named by their blocks. */
  readonly depth: readonly DepthStack[];
  /** Experts of mixtures side by side, in the file's order. */
  readonly mixtures: readonly ExpertMixture[];
  /** Worst first by {@link judgedScore}; those without a score last. */
  readonly layers: readonly LayerAudit[];
  /** Models that can't be read, and layers that couldn't be audited. */
  readonly failed: readonly FailedLayer[];
  /** Tensors without neurons. */
  readonly skipped: readonly (SkippedTensor & { readonly file: string })[];
  /** What concerns a whole file and its reader should know: which file of a folder was taken, say. */
  readonly notes: readonly { readonly file: string; readonly note: string }[];
}
