/**
 * Formatting for audits: numbers, names that are safe to show, CSV and compact JSON. This entry is small, because it loads nothing that computes.
 *
 * @packageDocumentation
 */
export { judgedInterval, judgedScore, judgedSpread } from "./layer/layer-audit.js";
export { type ColumnHead, type ColumnText, columnTexts } from "./text/columns.js";
export { compactJson } from "./text/compact-json.js";
export { csvLine } from "./text/csv.js";
export { counted, formatCount, formatDuration, formatNumber, printable, quoted } from "./text/format-number.js";
export { layerLabel, type RepeatedLayer, withoutRepeats } from "./text/layer-label.js";
export { markdownTable, markdownText } from "./text/markdown.js";
export { closingLines } from "./verdict/closing-lines.js";
export { type Gate, judge, parseGates } from "./verdict/gates.js";
export { layerSentence } from "./verdict/layer-findings.js";
