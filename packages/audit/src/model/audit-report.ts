/** What an audit found, as plain JSON: it is printed, drawn, compared and kept. `report.schema.json` is its schema. */
import type { SkippedTensor } from "@comhe/models";
import type { FailedLayer, LayerAudit } from "../layer/layer-audit.js";
import type { AuditSettings } from "../layer/settings.js";
import type { DepthStack } from "../units/depth.js";
import type { ExpertMixture } from "../units/experts.js";
import type { ModelVerdict } from "../verdict/model-verdict.js";

/** The audit of one model or of several. */
export interface AuditReport {
  /** The version of the report's shape. */
  readonly version: 2;
  /** Which energies were taken, and what they might cost. */
  readonly settings: AuditSettings;
  /** Whether the audit was broken off: `layers` then holds those that were done. */
  readonly interrupted: boolean;
  /** How many milliseconds the audit took. */
  readonly milliseconds: number;
  /** How many of them reading took. */
  readonly readMilliseconds: number;
  /** What the audit comes to, in words, for each model. */
  readonly verdicts: readonly ModelVerdict[];
  /** How layers change from block to block, of models whose layers are named by their blocks. */
  readonly depth: readonly DepthStack[];
  /** Experts of mixtures side by side, in the file's order. */
  readonly mixtures: readonly ExpertMixture[];
  /** The layers, worst first by {@link judgedScore}; those without a score come last. */
  readonly layers: readonly LayerAudit[];
  /** Models that can't be read, and layers that couldn't be audited, with the reasons. */
  readonly failed: readonly FailedLayer[];
  /** Tensors without neurons, with the reasons. */
  readonly skipped: readonly (SkippedTensor & {
    /** The model's path. */
    readonly file: string;
  })[];
  /** What concerns whole files: which file of a folder was taken, say. */
  readonly notes: readonly {
    /** The model's path. */
    readonly file: string;
    /** What whoever reads the report should know of the file, in words. */
    readonly note: string;
  }[];
}
