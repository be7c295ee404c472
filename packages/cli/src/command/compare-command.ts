/** `comhe compare`: two models, layer by layer: energies by their audits, differences by their numbers. */
import type { Comparison } from "@comhe/audit";
import { printable } from "@comhe/audit/text";
import { EnergyError } from "@comhe/core/layouts";
import type { AuditRun } from "../audit/audit-files.js";
import { closeModels, openModels } from "../files/open-models.js";
import { runAudit, writePage } from "./audit-command.js";
import { layerFilter, layoutRules, type SharedFlags } from "./audit-options.js";
import { ExitCode } from "./exit-code.js";
import { abortOnInterrupt } from "./interrupt.js";
import { isWatched } from "./progress.js";
import { printResult } from "./write-result.js";

interface CompareFlags extends SharedFlags {
  readonly wide?: boolean;
  readonly all?: boolean;
}

export async function compareCommand(before: string, after: string, flags: CompareFlags): Promise<number> {
  const run = await runAudit([before, after], flags);
  const unreadable = run.failed.filter(({ layer }) => layer === null);
  if (unreadable.length > 0) throw new EnergyError("invalid-file", unreadable.map(({ problem }) => problem).join("\n"));
  const comparison = await compared(before, after, run, flags);
  const { printComparison } = await import("../report/print-comparison.js");
  const width = Math.min(100, process.stdout.columns ?? 100);
  printResult(printComparison(comparison, flags.format, { ...flags, width }));
  if (flags.html !== undefined) {
    const { comparePage } = await import("@comhe/audit/pages");
    writePage(flags.html, comparePage(comparison, before, after, run.settings));
  }
  for (const { layer, problem } of run.failed)
    process.stderr.write(`Not audited: ${printable(layer!)}: ${printable(problem)}\n`);
  if (run.interrupted) return ExitCode.interrupted;
  const unknown = comparison.changes.some((change) => "problem" in change);
  return run.failed.length > 0 || unknown ? ExitCode.input : ExitCode.ok;
}

/** The models are opened once more: an audit closes what it is done with. */
async function compared(before: string, after: string, run: AuditRun, flags: CompareFlags): Promise<Comparison> {
  const { compareModels, matchLayers, weightChanges } = await import("@comhe/audit");
  const layouts = layoutRules(flags.layout);
  const wanted = layerFilter(flags);
  const { models } = await openModels([before, after], undefined, { layoutOf: layouts.layoutOf });
  try {
    // Layers go by the file that was read: of a folder that is the model in it.
    const [first, second] = models.map(({ path }) => ({ layers: layersOf(run, path) }));
    if (run.interrupted) return compareModels(first!, second!);
    const [left, right] = models.map(({ layers }) => ({
      layers: layers.filter(({ name }) => wanted(name)).map(layouts.apply),
    }));
    const { loadBackend } = await import("../backends/load-backend.js");
    const changes = await weightChanges(matchLayers(first!.layers, second!.layers), left!, right!, {
      backend: await loadBackend(flags.backend),
      signal: abortOnInterrupt(),
      onLayer: (_, done) => {
        if (isWatched(flags))
          process.stderr.write(`\rComparing numbers: ${Math.round(100 * done)} %${done === 1 ? "\n" : ""}`);
      },
    });
    return compareModels(first!, second!, changes);
  } finally {
    await closeModels(models);
  }
}

/** Names are unique within a model. Where the same file stands on both sides its layers were audited twice. */
function layersOf(run: AuditRun, path: string): AuditRun["layers"] {
  const ofFile = run.layers.filter(({ file }) => file === path);
  return [...new Map(ofFile.map((each) => [each.layer, each] as const)).values()];
}
