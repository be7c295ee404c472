/** `comhe audit`. What a file holds is said first; what computes is loaded after that. */

import { statSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { AuditSettings, LayerDetails } from "@comhe/audit";
import { counted, type Gate, judge, parseGates, printable } from "@comhe/audit/text";
import type { Layout } from "@comhe/core/layouts";
import type { AuditHooks, AuditRun } from "../audit/audit-files.js";
import { openSideFile } from "../audit/side-file.js";
import { closeModels, type OpenedModels, openModels } from "../files/open-models.js";
import type { Elsewhere } from "../many/audit-elsewhere.js";
import type { OpenedHow } from "../many/plan-audit.js";
import { exportKind } from "../report/export-details.js";
import {
  finiteNumber,
  headsOf,
  type LayoutRules,
  layerFilter,
  layoutRules,
  type SharedFlags,
  samplingOf,
  unmatchedGlobs,
} from "./audit-options.js";
import { ExitCode, UsageError } from "./exit-code.js";
import { abortOnInterrupt } from "./interrupt.js";
import { auditProgress, isWatched, readingProgress, timeSummary } from "./progress.js";
import { printResult, writeWhole } from "./write-result.js";

interface AuditFlags extends SharedFlags {
  readonly failAbove?: string;
  readonly failOn?: string;
  readonly export?: string;
  readonly resume?: string;
  readonly base?: string;
  readonly all?: boolean;
  readonly heatMaps?: boolean;
  readonly wide?: boolean;
  readonly demo?: boolean;
  readonly on?: string;
  readonly results?: string;
  readonly replicas?: string;
}

/** The model of `--demo`, beside the command's code. */
const demo = fileURLToPath(new URL("../demo/model.safetensors", import.meta.url));
const demoNote =
  "a model that nobody trained, made by a script with three known faults: seven tokens that are copies of one, three dead neurons, a collapsed head";

/** @throws UsageError */
function filesOf(given: readonly string[], { demo: wanted = false }: AuditFlags): readonly string[] {
  if (wanted && given.length > 0) throw new UsageError(`--demo audits a model of its own; got ${given[0]} as well.`);
  if (!wanted && given.length === 0) {
    throw new UsageError("expected a model's file, folder or address; `comhe audit --demo` shows what an audit is.");
  }
  return wanted ? [demo] : given;
}

export async function auditCommand(given: readonly string[], flags: AuditFlags): Promise<number> {
  const files = filesOf(given, flags);
  const gates = gatesOf(flags);
  const exported = exportOf(flags);
  const audited = await runAudit(files, flags, {
    ...flags,
    onDetails: exported && ((details) => exported.details.push(details)),
  });
  const run = flags.demo ? { ...audited, notes: [{ file: demo, note: demoNote }, ...audited.notes] } : audited;
  const { printAudit } = await import("../report/print-audit.js");
  printResult(
    printAudit(run, flags.format, {
      all: flags.all,
      heatMaps: flags.heatMaps,
      wide: flags.wide,
      width: Math.min(100, process.stdout.columns ?? 100),
    }),
  );
  const { sideFileProblem } = run;
  if (sideFileProblem !== undefined) {
    process.stderr.write(`comhe: --resume ${flags.resume}: ${sideFileProblem}. The report is whole nevertheless.\n`);
  }
  if (flags.html !== undefined) {
    const { auditPage } = await import("@comhe/audit/pages");
    writePage(flags.html, auditPage(run));
  }
  if (exported) {
    const { exportDetails } = await import("../report/export-details.js");
    writeFile("--export", exported.file, await exportDetails(exported.details, exported.kind));
  }
  if (run.interrupted) return ExitCode.interrupted;
  const code = holdTo(gates, run);
  if (sideFileProblem !== undefined) return ExitCode.usage;
  // A layer that couldn't be audited is worse than a gate, but for the one that asks for just that.
  const unread = run.failed.some(({ rest }) => rest === undefined);
  const brokenIsGated = gates.some(({ of }) => of === "nan" || of === "infinite");
  return run.failed.length > 0 && (unread || !brokenIsGated) ? ExitCode.input : code;
}

/** @throws UsageError */
function exportOf({ export: file, resume }: AuditFlags) {
  if (file === undefined) return undefined;
  const kind = exportKind(file);
  if (kind === undefined)
    throw new UsageError(`--export ${file}: expected a name that ends with .csv, .json or .parquet.`);
  // What is kept of layers that were done has no room for all pairs.
  if (resume !== undefined)
    throw new UsageError("--export and --resume can't be used together: the side file keeps no lists of pairs.");
  checkFolder("--export", file);
  return { file, kind, details: [] as LayerDetails[] };
}

/** `--fail-above 3` is the gate `score>3`. @throws UsageError */
function gatesOf({ failAbove, failOn }: AuditFlags): readonly Gate[] {
  const above = failAbove === undefined ? undefined : finiteNumber("--fail-above", failAbove);
  const gates: Gate[] = above === undefined ? [] : [{ text: `--fail-above ${failAbove}`, of: "score", above }];
  if (failOn === undefined) return gates;
  const parsed = parseGates(failOn);
  if ("problem" in parsed) throw new UsageError(`--fail-on: ${parsed.problem}.`);
  return [...gates, ...parsed.map((gate) => ({ ...gate, text: `--fail-on ${gate.text}` }))];
}

/** A gate that has nothing to judge isn't passed: a model whose every weight was left out would be waved through. */
function holdTo(gates: readonly Gate[], run: AuditRun): number {
  const { failures, unjudged } = judge(run, gates);
  for (const { text } of unjudged) {
    const why = run.layers.length === 0 ? "no layer was audited" : "no layer has a score";
    process.stderr.write(`comhe: ${text} has nothing to judge: ${why}.\n`);
  }
  for (const gate of gates) {
    const found = failures.filter((failure) => failure.gate === gate);
    if (found.length === 0) continue;
    const said = found.map(({ layer, text }) => `${printable(layer)} (${printable(text)})`).join(", ");
    process.stderr.write(`comhe: ${gate.text} fails in ${counted(found.length, "layer")}: ${said}\n`);
  }
  if (failures.length > 0) return ExitCode.gate;
  return unjudged.length > 0 ? ExitCode.input : ExitCode.ok;
}

/** Audits with progress on stderr; Ctrl-C ends it early, with what is done. */
export async function runAudit(
  files: readonly string[],
  flags: SharedFlags,
  {
    resume,
    base,
    on,
    results,
    replicas,
    onDetails,
  }: Pick<AuditFlags, "resume" | "base" | "on" | "results" | "replicas"> & Pick<AuditHooks, "onDetails"> = {},
): Promise<AuditRun> {
  if (on !== undefined) checkElsewhere(flags, { resume, details: onDetails !== undefined });
  const given = samplingOf(flags);
  // A clock would give other numbers on other machines.
  const sampling = on === undefined ? given : { ...given, budget: undefined };
  const wanted = layerFilter(flags);
  const layouts = layoutRules(flags.layout);
  const heads = headsOf(flags);
  if (on !== undefined && heads !== undefined) {
    throw new UsageError("--heads and --on can't be used together: plans don't say how heads divide a matrix.");
  }
  if (flags.html !== undefined) checkFolder("--html", flags.html);
  const signal = abortOnInterrupt();
  const watched = isWatched(flags);
  const asked: Record<string, Layout> = {};
  const layoutOf = (name: string) => {
    const layout = layouts.layoutOf(name);
    if (layout !== undefined) asked[name] = layout;
    return layout;
  };
  const reading = readingProgress(wanted, watched);
  const opened = await openModels(files, reading, { base, heads, layoutOf }).finally(reading.stop);
  if (!watched) tellFailures(opened.failed);
  await checkGlobs(opened, flags, layouts);

  const { settingsOf } = await import("./read-spec.js");
  const settings = settingsOf(flags.spec, sampling);
  if (on !== undefined) {
    const { replicasOf } = await import("../many/audit-elsewhere.js");
    const elsewhere = { on, results, replicas: replicasOf(replicas), watched, signal };
    return await auditFrom(opened, settings, { base, layouts: asked }, elsewhere, { wanted, relayout: layouts.apply });
  }
  const [{ auditOpened }, { loadBackend }] = await Promise.all([
    import("../audit/audit-files.js"),
    import("../backends/load-backend.js"),
  ]);
  const backend = await loadBackend(flags.backend);
  const sideFile =
    resume === undefined
      ? undefined
      : openSideFile(resume, { settings, backend: backend.name, base, heads: flags.heads, version: 7 });
  const progress = await auditProgress(watched);
  const run = await auditOpened(backend, opened, settings, {
    ...progress,
    wanted,
    relayout: layouts.apply,
    sideFile,
    onDetails,
    signal,
  }).finally(progress.stop);
  if (watched) process.stderr.write(`${timeSummary(run)}\n`);
  return run;
}

/** What stands in the way of an audit on other machines. @throws UsageError */
function checkElsewhere(
  flags: SharedFlags,
  { resume, details }: { resume: string | undefined; details: boolean },
): void {
  if (resume !== undefined) {
    throw new UsageError("--on keeps what is done in a folder: give it by --results, and leave --resume out.");
  }
  if (details) throw new UsageError("--export and --on can't be used together: workers send no lists of pairs.");
  if (flags.budgetGiven && flags.budget !== "none") {
    throw new UsageError(
      `--budget ${flags.budget}: a time gives other numbers on other machines. With --on all pairs are taken (--budget none), or --pairs N.`,
    );
  }
}

/** The layers as others have audited them, in a report of ours; those that nothing is known of are left out of one that was broken off. */
async function auditFrom(
  opened: OpenedModels,
  settings: AuditSettings,
  how: OpenedHow,
  elsewhere: Elsewhere,
  { wanted, relayout }: { readonly [K in "wanted" | "relayout"]: NonNullable<AuditHooks[K]> },
): Promise<AuditRun> {
  const [{ auditElsewhere }, { auditOpened }, { referenceBackend }] = await Promise.all([
    import("../many/audit-elsewhere.js"),
    import("../audit/audit-files.js"),
    import("@comhe/core"),
  ]);
  const begin = performance.now();
  const models = opened.models.map((model) => ({
    ...model,
    layers: model.layers.filter(({ name }) => wanted(name)).map(relayout),
  }));
  const { known, isKnown, interrupted } = await auditElsewhere(models, settings, how, elsewhere).catch(
    async (error) => {
      await closeModels(models);
      throw error;
    },
  );
  const done = models.map((model) => ({ ...model, layers: model.layers.filter(({ name }) => isKnown(model, name)) }));
  const run = await auditOpened(referenceBackend(), { ...opened, models: done }, settings, { known });
  return { ...run, interrupted, milliseconds: opened.milliseconds + performance.now() - begin };
}

/** Where nobody watches, what can't be read is all that is told. */
function tellFailures(failed: OpenedModels["failed"]): void {
  for (const { problem } of failed) process.stderr.write(`comhe: ${printable(problem)}\n`);
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
  writeFile("--html", file, page);
}

function writeFile(flag: string, file: string, content: string | Uint8Array): void {
  try {
    writeWhole(file, content);
  } catch (error) {
    throw new UsageError(`${flag} ${file}: can't be written (${(error as Error).message}).`);
  }
  if (process.stderr.isTTY) process.stderr.write(`${file} written\n`);
}
