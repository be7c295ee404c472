/** What the examples share: paired experiments over worker threads, statistics, tables and an offline report. */
export { ELSEWHERE_FLAGS, ELSEWHERE_HELP, type ElsewhereFlags, parseElsewhere } from "./command/elsewhere-flags.js";
export { checkJson, readJson } from "./command/json-file.js";
export { selectArms } from "./command/select-arms.js";
export { parseStudyFlags, type StudyFlags } from "./command/study-flags.js";
export { tellEnd } from "./command/tell-end.js";
export { UserError } from "./command/user-error.js";
export { InterruptedError, RunFailedError, RunsMissingError } from "./experiment/errors.js";
export { abortOnInterrupt, INTERRUPTED_EXIT_CODE } from "./experiment/interrupt.js";
export type { Job } from "./experiment/job.js";
export { describeMachine, type Machine } from "./experiment/machine.js";
export { type ServeOptions, serveStudies } from "./experiment/on-server.js";
export {
  type Elsewhere,
  type ExperimentOptions,
  type ExperimentOutcome,
  runExperiment,
} from "./experiment/run-experiment.js";
export { filesDigest, runKey } from "./experiment/run-key.js";
export { createStepProgress, type StepProgress } from "./experiment/step-progress.js";
export type { StudyIdentity } from "./experiment/study-identity.js";
export { describeVersions } from "./experiment/versions.js";
export { formatDuration, formatFixed, formatList, formatP, formatSigned } from "./format.js";
export { escapeHtml, renderHtmlTable, renderList, renderParagraph } from "./report/html.js";
export { type LegendEntry, renderFigureBlock, renderPage, type Section } from "./report/page.js";
export { seriesColor } from "./report/palette.js";
export { type Figure, renderFigure, spanOf } from "./report/plot-to-svg.js";
export { renderStudyReport, type StudyReport } from "./report/study-report.js";
export { RESULT_COLUMNS, renderTable, resultRow, resultsTable } from "./results-table.js";
export { type PairedStudy, runPairedStudy } from "./run-paired-study.js";
export { type Conclusions, conclude } from "./statistics/conclusions.js";
export {
  estimateMean,
  type MeanEstimate,
  type PairedDifference,
  pairedDifference,
} from "./statistics/mean-estimate.js";
export { type ArmSummary, type LayerSummary, summarize } from "./statistics/summarize.js";
export { uniformAngleDensity } from "./statistics/uniform-angles.js";
export {
  type ArmInfo,
  ROLES,
  type Role,
  type SeededRun,
  type TrainedLayer,
  type TrainedRun,
  trainedRunSchema,
} from "./study.js";
