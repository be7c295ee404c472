/** Audits files layer by layer: worst first in the end, one by one as they are done. */
import { stat } from "node:fs/promises";
import { type Backend, EnergyError, neuronAxes } from "@comhe/core";
import type { LayerSource, SkippedTensor } from "@comhe/models";
import { closeModels, type OpenedModels, openModels } from "../files/open-models.js";
import { type AuditSettings, auditLayer } from "./audit-layer.js";
import { type FailedLayer, judgedScore, type LayerAudit } from "./layer-audit.js";
import type { SideFile } from "./side-file.js";

/** What an audit of some files found. */
export interface AuditRun {
  /** Worst first by the score of the living neurons; those without a score last. */
  readonly layers: LayerAudit[];
  /** Files that can't be read, and layers that couldn't be audited. */
  readonly failed: FailedLayer[];
  /** Tensors without neurons. */
  readonly skipped: (SkippedTensor & { readonly file: string })[];
  /** Whether it was broken off: `layers` then holds those that were done. */
  interrupted: boolean;
  /** The time from opening the first file on. */
  milliseconds: number;
  /** The part of it that went into reading. */
  readMilliseconds: number;
  /** Why the side file lacks some of it. */
  sideFileProblem?: string | undefined;
}

/** What an audit asks and tells while it runs. */
export interface AuditHooks {
  /** Which layers, by name. */
  readonly wanted: (name: string) => boolean;
  /** Changes a layer's layout, or gives it back as it is. */
  readonly relayout: (layer: LayerSource) => LayerSource;
  /** Called once, with all the work there is, in units of its own, and the number of layers. */
  readonly begin: (work: number, layers: number) => void;
  /** Called often, with the work done, the present layer's share included. */
  readonly progress: (done: number, layer: string) => void;
  /** Called after each layer. */
  readonly finished: (audit: LayerAudit | FailedLayer, done: number) => void;
  /** Breaks the audit off between two parts of a layer. */
  readonly signal: AbortSignal;
  /** Where layers that are done are kept and found again. */
  readonly sideFile: SideFile | undefined;
}

class Interrupted extends Error {}

/**
 * Audits the layers of some model files, one at a time.
 *
 * @throws EnergyError `invalid-file` where none of the files can be read; one of several, and a layer that can't be audited, are in `failed`
 */
export async function auditFiles<A>(
  backend: Backend<A>,
  paths: readonly string[],
  settings: AuditSettings,
  hooks: AuditHooks,
): Promise<AuditRun> {
  return auditModels(backend, await openModels(paths), settings, hooks);
}

/** Closes the models in the end. */
export async function auditModels<A>(
  backend: Backend<A>,
  opened: OpenedModels,
  settings: AuditSettings,
  hooks: AuditHooks,
): Promise<AuditRun> {
  const begin = performance.now();
  const { models } = opened;
  const run: AuditRun = {
    layers: [],
    failed: [...opened.failed],
    skipped: [],
    interrupted: false,
    milliseconds: 0,
    readMilliseconds: opened.milliseconds,
  };
  try {
    const jobs = models.flatMap((model) =>
      model.layers.filter(({ name }) => hooks.wanted(name)).map((layer) => ({ model, layer: hooks.relayout(layer) })),
    );
    for (const { path, skipped } of models) run.skipped.push(...skipped.map((tensor) => ({ ...tensor, file: path })));
    const works = jobs.map(({ layer }) => workOf(layer));
    hooks.begin(
      works.reduce((sum, work) => sum + work, 0),
      jobs.length,
    );
    let done = 0;
    for (const [n, { model, layer }] of jobs.entries()) {
      const work = works[n]!;
      const tick = async (share: number) => {
        hooks.progress(done + work * share, layer.name);
        // Lets Ctrl-C and the progress bar in.
        await new Promise((resolve) => setImmediate(resolve));
        if (hooks.signal.aborted) throw new Interrupted();
      };
      const key = await keyOf(model.path, layer);
      try {
        await tick(0);
        const known = hooks.sideFile?.find(key);
        const audit = known ?? (await auditLayer(backend, model.path, layer, settings, tick));
        if (!known) {
          hooks.sideFile?.add(key, audit);
          run.readMilliseconds += audit.readMilliseconds;
        }
        run.layers.push(audit);
        done += work;
        hooks.finished(audit, done);
      } catch (error) {
        if (error instanceof Interrupted) {
          run.interrupted = true;
          break;
        }
        if (!EnergyError.isInstance(error)) throw error;
        const failed: FailedLayer = { file: model.path, layer: layer.name, problem: error.message };
        run.failed.push(failed);
        done += work;
        hooks.finished(failed, done);
      }
    }
  } finally {
    await closeModels(models);
  }
  run.milliseconds = opened.milliseconds + performance.now() - begin;
  run.sideFileProblem = hooks.sideFile?.problem;
  // Worst first; what has no score comes last, in the file's order.
  const place = (layer: LayerAudit) => judgedScore(layer) ?? Number.NEGATIVE_INFINITY;
  run.layers.sort((a, b) => (place(a) === place(b) ? 0 : place(b) - place(a)));
  return run;
}

/** In proportion to what a layer takes: its pairs, and reading it. */
function workOf(layer: LayerSource): number {
  const { count, dim } = neuronAxes(layer.shape, layer.layout);
  return Math.min(count, 20_000) ** 2 * dim + 2000 * count * dim + 1e8;
}

async function keyOf(path: string, { name, shape, layout }: LayerSource): Promise<string> {
  const { size, mtimeMs } = await stat(path);
  return JSON.stringify([path, size, mtimeMs, name, shape, layout]);
}
