/** `comhe audit`. */
import { writeFileSync } from "node:fs";
import { type AuditRun, auditFiles } from "../audit/audit-files.js";
import { openSideFile } from "../audit/side-file.js";
import { loadBackend } from "../backends/load-backend.js";
import { printAudit } from "../report/print-audit.js";
import { auditSettings, finiteNumber, layerFilter, layoutRules, type SharedFlags } from "./audit-options.js";
import { ExitCode, UsageError } from "./exit-code.js";
import { abortOnInterrupt } from "./interrupt.js";
import { auditProgress } from "./progress.js";

interface AuditFlags extends SharedFlags {
  readonly failAbove?: string;
  readonly resume?: string;
  readonly all?: boolean;
}

export async function auditCommand(files: readonly string[], flags: AuditFlags): Promise<number> {
  const settings = auditSettings(flags);
  const failAbove = flags.failAbove === undefined ? undefined : finiteNumber("--fail-above", flags.failAbove);
  const run = await runAudit(files, flags, flags.resume);
  process.stdout.write(printAudit(run, settings, flags.format, flags.all ?? false));
  if (flags.html !== undefined) {
    const { auditPage } = await import("../report/audit-page.js");
    writePage(flags.html, auditPage(run, settings));
  }
  if (run.sideFileProblem !== undefined) {
    process.stderr.write(`comhe: --resume ${flags.resume}: not all of it could be kept (${run.sideFileProblem}).\n`);
  }
  if (run.interrupted) return ExitCode.interrupted;
  if (run.sideFileProblem !== undefined) return ExitCode.usage;
  if (run.failed.length > 0) return ExitCode.input;
  const worst = run.layers.filter(({ score }) => failAbove !== undefined && score !== null && score > failAbove);
  if (worst.length === 0) return ExitCode.ok;
  process.stderr.write(
    `comhe: ${worst.length} layers have a score above ${failAbove}: ${worst.map(({ layer }) => layer).join(", ")}\n`,
  );
  return ExitCode.gate;
}

/** Audits with progress on stderr; Ctrl-C ends it early, with what is done. */
export async function runAudit(files: readonly string[], flags: SharedFlags, resume?: string): Promise<AuditRun> {
  const settings = auditSettings(flags);
  const wanted = layerFilter(flags.layer);
  const relayout = layoutRules(flags.layout);
  const backend = await loadBackend(flags.backend);
  const sideFile =
    resume === undefined ? undefined : openSideFile(resume, { settings, backend: backend.name, version: 2 });
  const progress = await auditProgress();
  const run = await auditFiles(backend, files, settings, {
    ...progress,
    wanted,
    relayout,
    sideFile,
    signal: abortOnInterrupt(),
  }).finally(progress.stop);
  if (run.layers.length === 0 && run.failed.length === 0 && !run.interrupted && flags.layer.length > 0) {
    throw new UsageError(
      `--layer ${flags.layer.join(" ")}: no layer with neurons matches. Without --layer all are listed.`,
    );
  }
  return run;
}

export function writePage(file: string, page: string): void {
  try {
    writeFileSync(file, page);
  } catch (error) {
    throw new UsageError(`--html ${file}: can't be written (${(error as Error).message}).`);
  }
  process.stderr.write(`${file} written\n`);
}
