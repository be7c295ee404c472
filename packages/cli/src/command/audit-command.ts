/** `comhe audit`. What a file holds is said first; what computes is loaded after that. */

import { statSync } from "node:fs";
import { dirname } from "node:path";
import type { AuditRun } from "../audit/audit-files.js";
import type { AuditSettings } from "../audit/audit-layer.js";
import { judgedScore } from "../audit/layer-audit.js";
import { openSideFile } from "../audit/side-file.js";
import { closeModels, type OpenedModels, openModels } from "../files/open-models.js";
import { printable } from "../report/format-number.js";
import {
  finiteNumber,
  type LayoutRules,
  layerFilter,
  layoutRules,
  type SharedFlags,
  samplingOf,
  unmatchedGlobs,
} from "./audit-options.js";
import { ExitCode, UsageError } from "./exit-code.js";
import { abortOnInterrupt } from "./interrupt.js";
import { auditProgress, readingProgress, timeSummary } from "./progress.js";
import { printResult, writeWhole } from "./write-result.js";

interface AuditFlags extends SharedFlags {
  readonly failAbove?: string;
  readonly resume?: string;
  readonly base?: string;
  readonly all?: boolean;
  readonly heatMaps?: boolean;
}

export async function auditCommand(files: readonly string[], flags: AuditFlags): Promise<number> {
  const failAbove = flags.failAbove === undefined ? undefined : finiteNumber("--fail-above", flags.failAbove);
  const { run, settings } = await runAudit(files, flags, flags);
  const { printAudit } = await import("../report/print-audit.js");
  printResult(printAudit(run, settings, flags.format, { all: flags.all, heatMaps: flags.heatMaps }));
  const { sideFileProblem } = run;
  if (sideFileProblem !== undefined) {
    process.stderr.write(`comhe: --resume ${flags.resume}: ${sideFileProblem}. The report has them all the same.\n`);
  }
  if (flags.html !== undefined) {
    const { auditPage } = await import("../report/audit-page.js");
    writePage(flags.html, auditPage(run, settings));
  }
  if (run.interrupted) return ExitCode.interrupted;
  const gate = failAbove === undefined ? ExitCode.ok : judge(run, failAbove);
  if (sideFileProblem !== undefined) return ExitCode.usage;
  return run.failed.length > 0 ? ExitCode.input : gate;
}

/** A gate that has nothing to judge isn't passed: a model whose every weight was left out would be waved through. */
function judge({ layers }: AuditRun, failAbove: number): number {
  const judged = layers.filter((layer) => judgedScore(layer) !== null);
  if (judged.length === 0) {
    const why = layers.length === 0 ? "no layer was audited" : "no layer has a score";
    process.stderr.write(`comhe: --fail-above ${failAbove} has nothing to judge: ${why}.\n`);
    return ExitCode.input;
  }
  const worst = judged.filter((layer) => judgedScore(layer)! > failAbove).map(({ layer }) => printable(layer));
  if (worst.length === 0) return ExitCode.ok;
  process.stderr.write(
    `comhe: ${worst.length === 1 ? "1 layer has" : `${worst.length} layers have`} a score above ${failAbove}: ${worst.join(", ")}\n`,
  );
  return ExitCode.gate;
}

/** Audits with progress on stderr; Ctrl-C ends it early, with what is done. */
export async function runAudit(
  files: readonly string[],
  flags: SharedFlags,
  { resume, base }: Pick<AuditFlags, "resume" | "base"> = {},
): Promise<{ run: AuditRun; settings: AuditSettings }> {
  const sampling = samplingOf(flags);
  const wanted = layerFilter(flags);
  const layouts = layoutRules(flags.layout);
  if (flags.html !== undefined) checkFolder("--html", flags.html);
  const signal = abortOnInterrupt();
  const reading = readingProgress(wanted);
  const opened = await openModels(files, reading, { base, layoutOf: layouts.layoutOf }).finally(reading.stop);
  await checkGlobs(opened, flags, layouts);

  const { auditSettings } = await import("./audit-settings.js");
  const settings = auditSettings(flags.spec, sampling);
  const [{ auditModels }, { loadBackend }] = await Promise.all([
    import("../audit/audit-files.js"),
    import("../backends/load-backend.js"),
  ]);
  const backend = await loadBackend(flags.backend);
  const sideFile =
    resume === undefined ? undefined : openSideFile(resume, { settings, backend: backend.name, base, version: 3 });
  const progress = await auditProgress();
  const run = await auditModels(backend, opened, settings, {
    ...progress,
    wanted,
    relayout: layouts.apply,
    sideFile,
    signal,
  }).finally(progress.stop);
  process.stderr.write(`${timeSummary(run)}\n`);
  return { run, settings };
}

/**
 * A glob that matches nothing is a misspelling, and what it was to choose or to leave out would be judged unseen. It may be meant for a file
 * that can't be read: then that is what is said.
 *
 * @throws UsageError
 */
async function checkGlobs({ models, failed }: OpenedModels, flags: SharedFlags, layouts: LayoutRules): Promise<void> {
  if (failed.length > 0) return;
  const names = models.flatMap(({ layers }) => layers.map(({ name }) => name));
  const tensors = models.flatMap(({ skipped }) => skipped.map(({ name }) => name));
  const unused = [
    ...unmatchedGlobs({ layer: flags.layer, exclude: [] }, names),
    // What has no neurons is left out anyway.
    ...unmatchedGlobs({ layer: [], exclude: flags.exclude }, [...names, ...tensors]),
    ...layouts.unused(names).map((rule) => `--layout ${rule}`),
  ];
  if (unused.length === 0) return;
  await closeModels(models);
  throw new UsageError(`${unused[0]}: no layer matches. The layers: ${someOf(names)}.`);
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
