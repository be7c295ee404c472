/** `comhe audit`. What a file holds is said first; what computes is loaded after that. */

import { statSync } from "node:fs";
import { dirname } from "node:path";
import type { AuditRun } from "../audit/audit-files.js";
import type { AuditSettings } from "../audit/audit-layer.js";
import { openSideFile } from "../audit/side-file.js";
import { closeModels, openModels } from "../files/open-models.js";
import { printable } from "../report/format-number.js";
import { finiteNumber, layerFilter, layoutRules, type SharedFlags, samplingOf } from "./audit-options.js";
import { ExitCode, UsageError } from "./exit-code.js";
import { abortOnInterrupt } from "./interrupt.js";
import { auditProgress, readingProgress, timeSummary } from "./progress.js";
import { printResult, writeWhole } from "./write-result.js";

interface AuditFlags extends SharedFlags {
  readonly failAbove?: string;
  readonly resume?: string;
  readonly all?: boolean;
}

export async function auditCommand(files: readonly string[], flags: AuditFlags): Promise<number> {
  const failAbove = flags.failAbove === undefined ? undefined : finiteNumber("--fail-above", flags.failAbove);
  const { run, settings } = await runAudit(files, flags, flags.resume);
  const { printAudit } = await import("../report/print-audit.js");
  printResult(printAudit(run, settings, flags.format, flags.all ?? false));
  const { sideFileProblem } = run;
  if (sideFileProblem !== undefined) {
    process.stderr.write(`comhe: --resume ${flags.resume}: ${sideFileProblem}. The report has them all the same.\n`);
  }
  if (flags.html !== undefined) {
    const { auditPage } = await import("../report/audit-page.js");
    writePage(flags.html, auditPage(run, settings));
  }
  if (run.interrupted) return ExitCode.interrupted;
  if (sideFileProblem !== undefined) return ExitCode.usage;
  if (run.failed.length > 0) return ExitCode.input;
  const worst = run.layers.filter(({ score }) => failAbove !== undefined && score !== null && score > failAbove);
  if (worst.length === 0) return ExitCode.ok;
  process.stderr.write(
    `comhe: ${worst.length === 1 ? "1 layer has" : `${worst.length} layers have`} a score above ${failAbove}: ${worst.map(({ layer }) => layer).join(", ")}\n`,
  );
  return ExitCode.gate;
}

/** Audits with progress on stderr; Ctrl-C ends it early, with what is done. */
export async function runAudit(
  files: readonly string[],
  flags: SharedFlags,
  resume?: string,
): Promise<{ run: AuditRun; settings: AuditSettings }> {
  const sampling = samplingOf(flags);
  const wanted = layerFilter(flags);
  const layouts = layoutRules(flags.layout);
  if (flags.html !== undefined) checkFolder("--html", flags.html);
  const signal = abortOnInterrupt();
  const reading = readingProgress(wanted);
  const opened = await openModels(files, reading).finally(reading.stop);
  const names = opened.models.flatMap(({ layers }) => layers.map(({ name }) => name));
  const [unused] = layouts.unused(names);
  if (unused !== undefined) {
    await closeModels(opened.models);
    throw new UsageError(`--layout ${unused}: no layer matches. The layers: ${someOf(names)}.`);
  }

  const { auditSettings } = await import("./audit-settings.js");
  const settings = auditSettings(flags.spec, sampling);
  const [{ auditModels }, { loadBackend }] = await Promise.all([
    import("../audit/audit-files.js"),
    import("../backends/load-backend.js"),
  ]);
  const backend = await loadBackend(flags.backend);
  const sideFile =
    resume === undefined ? undefined : openSideFile(resume, { settings, backend: backend.name, version: 2 });
  const progress = await auditProgress();
  const run = await auditModels(backend, opened, settings, {
    ...progress,
    wanted,
    relayout: layouts.apply,
    sideFile,
    signal,
  }).finally(progress.stop);
  if (run.layers.length === 0 && run.failed.length === 0 && !run.interrupted && flags.layer.length > 0) {
    throw new UsageError(
      `--layer ${flags.layer.join(" ")}: no layer with neurons matches. Without --layer all are listed.`,
    );
  }
  process.stderr.write(`${timeSummary(run)}\n`);
  return { run, settings };
}

/** Before hours of work: a page that couldn't be written in the end. @throws UsageError */
function checkFolder(flag: string, file: string): void {
  const folder = dirname(file);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new UsageError(`${flag} ${file}: there is no folder ${folder}. Make it first.`);
}

function someOf(names: readonly string[]): string {
  if (names.length === 0) return "none";
  const shown = names.slice(0, 5).map(printable).join(", ");
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

/** @throws UsageError */
export function writePage(file: string, page: string): void {
  try {
    writeWhole(file, page);
  } catch (error) {
    throw new UsageError(`--html ${file}: can't be written (${(error as Error).message}).`);
  }
  process.stderr.write(`${file} written\n`);
}
