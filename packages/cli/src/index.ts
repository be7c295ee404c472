/**
 * The functions behind the command `comhe`: {@link openModel} lists the layers of a model file, {@link auditFiles} audits
 * them, {@link printAudit} prints the report and {@link auditPage} writes it as a page. They run only in Node.
 *
 * @packageDocumentation
 */

export { type AuditSettings, auditLayer, auditSettings, type FailedLayer, type LayerAudit } from "@comhe/audit";
export { auditPage } from "@comhe/audit/pages";
export type { LayerSource, ModelContents, SkippedTensor } from "@comhe/models";
export { openModel } from "@comhe/models";
export { type AuditHooks, type AuditRun, auditFiles } from "./audit/audit-files.js";
export type { SideFile } from "./audit/side-file.js";
export { type BackendName, loadBackend } from "./backends/load-backend.js";
export { type Format, type PrintOptions, printAudit } from "./report/print-audit.js";
