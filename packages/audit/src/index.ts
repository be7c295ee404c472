/**
 * The audit of trained models: {@link auditModel} takes a model that `@comhe/models` has opened and returns a report as plain JSON, with a
 * verdict in words; {@link compareModels} compares two reports. The package opens no files and runs in Node and in browsers.
 *
 * @packageDocumentation
 */

export { type Comparison, compareModels } from "./compare/compare-models.js";
export { type Difference, mostDirections } from "./compare/difference.js";
export {
  type ChangedPair,
  type ComparisonFacts,
  type ComparisonKind,
  type ComparisonKindName,
  comparisonKinds,
} from "./compare/kinds.js";
export { type MatchedLayer, type Matching, matchLayers } from "./compare/match-layers.js";
export { type ChangeOptions, type LayerChange, type UnknownChange, weightChanges } from "./compare/weight-changes.js";
export { auditLayer, type LayerDetails, type LayerOptions } from "./layer/audit-layer.js";
export {
  distinctScore,
  type EnergyShare,
  type Estimate,
  type FailedLayer,
  judgedInterval,
  judgedScore,
  judgedSpread,
  type LayerAudit,
  type LowerBound,
  type NearPair,
} from "./layer/layer-audit.js";
export type { CopyGroup } from "./layer/near-copies.js";
export type { SimilarRows } from "./layer/pair-collector.js";
export type { RowHealth, RowList } from "./layer/row-health.js";
export type { AuditSettings } from "./layer/settings.js";
export { type AuditOptions, auditModel, auditModels } from "./model/audit-model.js";
export type { AuditReport } from "./model/audit-report.js";
export { auditSettings, type Sampling } from "./model/audit-settings.js";
export { type DepthPoint, type DepthSeries, type DepthStack, depthOf } from "./units/depth.js";
export type { ExpertMixture } from "./units/experts.js";
export type { HeadAudit, HeadUnits } from "./units/head-units.js";
export { type NetworkPlace, placeInNetwork, roleOf } from "./units/place-in-network.js";
export { closingLines } from "./verdict/closing-lines.js";
export type { Finding, RuleName } from "./verdict/finding.js";
export { type Gate, type GateFailure, type Judgement, judge, parseGates } from "./verdict/gates.js";
export { layerSentence } from "./verdict/layer-findings.js";
export type { ModelVerdict } from "./verdict/model-verdict.js";
export { type Measured, type Rule, rules } from "./verdict/rules.js";
