/** Audits the layers of opened models one by one, worst first in the end. No files are touched here: models bring their own readers. */
import { type Backend, EnergyError, neuronAxes } from "@comhe/core";
import { attentionPart, type LayerSource, type ModelContents } from "@comhe/models";
import { auditLayer, isNonFinite, type LayerDetails, type LayerOptions } from "../layer/audit-layer.js";
import { type FailedLayer, judgedScore, type LayerAudit } from "../layer/layer-audit.js";
import type { AuditSettings } from "../layer/settings.js";
import { depthOf } from "../units/depth.js";
import { type ExpertMixture, mixturesOf, mixtureUnits } from "../units/experts.js";
import { modelVerdicts } from "../verdict/model-verdict.js";
import type { AuditReport } from "./audit-report.js";
import { auditSettings } from "./audit-settings.js";

/** Options of {@link auditModel}: what computes, of what, and whom to tell. */
export interface AuditOptions<A> {
  /** What computes. */
  readonly backend: Backend<A>;
  /** Which energies, and what they may cost. Default `auditSettings()`: half space, s = 2, 20 s for each layer. */
  readonly settings?: AuditSettings | undefined;
  /** Called once, before the first layer, with the number of layers. */
  readonly onBegin?: ((layers: number) => void) | undefined;
  /** Called after each layer, with the share of all work that is done, from 0 to 1. */
  readonly onLayer?: ((layer: LayerAudit | FailedLayer, done: number) => void) | undefined;
  /** Called often while a layer is worked on, with the share of all work that is done, from 0 to 1, and the layer's name. */
  readonly onProgress?: ((done: number, layer: string) => void) | undefined;
  /** Breaks the audit off between two parts of a layer; what is done is in the report. */
  readonly signal?: AbortSignal | undefined;
  /** Called before `onLayer` with what a report is too short for: all kept pairs, all groups, all names. */
  readonly onDetails?: ((details: LayerDetails) => void) | undefined;
  /** Gives what is known of a layer already, from a run that was broken off or from another machine, say; `undefined`: it is audited. */
  readonly known?:
    | ((model: ModelContents, layer: LayerSource) => Promise<LayerAudit | FailedLayer | undefined>)
    | undefined;
}

class Interrupted extends Error {}

/**
 * Audits every layer of a model that `openModel` of `@comhe/models` opened; the model stays open. To audit some of its layers, pass
 * `{ ...model, layers }` with those.
 *
 * It runs in Node and in browsers, and between parts of a layer it lets other code run. Layers that can't be audited are in the report's `failed`,
 * whatever fails in them.
 */
export async function auditModel<A>(model: ModelContents, options: AuditOptions<A>): Promise<AuditReport> {
  return auditModels([model], options);
}

/**
 * Audits several models, which {@link auditModel} does for one, and makes one report of them.
 *
 * @param failed models that couldn't be opened, to be reported with the others
 */
export async function auditModels<A>(
  models: readonly ModelContents[],
  options: AuditOptions<A>,
  failed: readonly FailedLayer[] = [],
): Promise<AuditReport> {
  const { backend, settings = auditSettings(), onBegin, onLayer, onProgress, onDetails, signal, known } = options;
  const begin = performance.now();
  const found = { layers: [] as LayerAudit[], failed: [...failed], interrupted: false, readMilliseconds: 0 };
  const jobs = models.flatMap((model) => model.layers.map((layer) => ({ model, layer, work: workOf(layer) })));
  const all = jobs.reduce((sum, { work }) => sum + work, 0) || 1;
  onBegin?.(jobs.length);
  let done = 0;
  for (const { model, layer, work } of jobs) {
    const tick = async (share: number) => {
      onProgress?.((done + work * share) / all, layer.name);
      await letOthersRun();
      if (signal?.aborted) throw new Interrupted();
    };
    let result: LayerAudit | FailedLayer;
    try {
      await tick(0);
      const earlier = await known?.(model, layer);
      result = earlier ?? (await auditOrRefuse(backend, model.path, layer, settings, tick, onDetails));
      if (!earlier && !("problem" in result)) found.readMilliseconds += result.readMilliseconds;
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      found.interrupted = true;
      break;
    }
    if ("problem" in result) found.failed.push(result);
    else found.layers.push(result);
    done += work;
    onLayer?.(result, done / all);
  }
  const { mixtures, untold } = found.interrupted
    ? { mixtures: [], untold: [] }
    : await compareExperts(models, found.layers, backend, settings, signal);
  markRepeats(found.layers);
  // Worst first; what has no score comes last, in the file's order.
  const place = (layer: LayerAudit) => judgedScore(layer) ?? Number.NEGATIVE_INFINITY;
  found.layers.sort((a, b) => (place(a) === place(b) ? 0 : place(b) - place(a)));
  const skipped = models.flatMap((model) => model.skipped.map((tensor) => ({ ...tensor, file: model.path })));
  return {
    version: 2,
    settings,
    interrupted: found.interrupted,
    milliseconds: performance.now() - begin,
    readMilliseconds: found.readMilliseconds,
    verdicts: modelVerdicts(found.layers, found.failed),
    depth: depthOf(found.layers),
    mixtures,
    layers: found.layers,
    failed: found.failed,
    skipped,
    notes: [
      ...models.flatMap(({ path, notes, layers }) =>
        [...notes, ...headNotes(layers)].map((note) => ({ file: path, note })),
      ),
      ...untold,
    ],
  };
}

/** Mixtures of experts, each by itself; a note for those that can't be read once more. A cancelled audit has no more of them. */
async function compareExperts<A>(
  models: readonly ModelContents[],
  layers: readonly LayerAudit[],
  backend: Backend<A>,
  { spec }: AuditSettings,
  signal: AbortSignal | undefined,
): Promise<{ readonly mixtures: readonly ExpertMixture[]; readonly untold: AuditReport["notes"] }> {
  const mixtures: ExpertMixture[] = [];
  const untold: { file: string; note: string }[] = [];
  const tick = async () => {
    await letOthersRun();
    if (signal?.aborted) throw new Interrupted();
  };
  for (const { path, layers: sources } of models) {
    const own = layers.filter(({ file }) => file === path);
    for (const mixture of mixturesOf(sources, own)) {
      try {
        mixtures.push(await mixtureUnits(backend, mixture, spec, tick));
      } catch (error) {
        if (error instanceof Interrupted) return { mixtures, untold };
        untold.push({
          file: path,
          note: `the experts of ${mixture[0]!.name} weren't compared: ${problemOf(error).problem}`,
        });
      }
    }
  }
  return { mixtures, untold };
}

/** Where nothing says how wide a head is, that is said: nobody should take silence for sound heads. */
function headNotes(layers: readonly LayerSource[]): readonly string[] {
  const count = layers.filter(
    (layer) => layer.heads === undefined && /^(query|key|value)$/.test(attentionPart(layer) ?? ""),
  ).length;
  if (count === 0) return [];
  return [
    `the heads of ${count} attention ${count === 1 ? "matrix" : "matrices"} weren't looked at: nothing says how wide a head is (a config.json beside the file would, or --heads)`,
  ];
}

/** Layers of one file with the same numbers, in the file's order. */
function markRepeats(layers: LayerAudit[]): void {
  const first = new Map<string, string>();
  layers.forEach((layer, n) => {
    if (layer.digest === null) return;
    const key = JSON.stringify([layer.file, layer.digest]);
    const sameAs = first.get(key) ?? null;
    if (sameAs === null) first.set(key, layer.layer);
    layers[n] = { ...layer, sameAs };
  });
}

/** A layer with broken rows is refused, and yet its other rows may have something to say. */
async function auditOrRefuse<A>(
  backend: Backend<A>,
  file: string,
  layer: LayerSource,
  settings: AuditSettings,
  tick: (share: number) => Promise<void>,
  onDetails: LayerOptions["onDetails"],
): Promise<LayerAudit | FailedLayer> {
  const refused = (error: unknown): FailedLayer => {
    if (error instanceof Interrupted) throw error;
    return { file, layer: layer.name, ...problemOf(error) };
  };
  try {
    return await auditLayer(backend, file, layer, settings, tick, { onDetails });
  } catch (error) {
    const failure = refused(error);
    if (!isNonFinite(error)) return failure;
    const rest = await auditLayer(backend, file, layer, settings, tick, { dropBroken: true, onDetails }).catch(refused);
    return "problem" in rest ? failure : { ...failure, rest };
  }
}

/** Whatever it is, the layers that are done have been hours of work, and those that follow may be. */
function problemOf(error: unknown): Pick<FailedLayer, "problem" | "code"> {
  if (EnergyError.isInstance(error)) return { problem: error.message, code: error.code };
  const { name = "error", message = String(error) } = error as Partial<Error>;
  return { problem: `an unexpected ${name}: ${message.split("\n")[0]}. Please report it`, code: "unexpected" };
}

/** In proportion to what a layer takes: its pairs, and reading it. */
function workOf(layer: LayerSource): number {
  const { count, dim } = neuronAxes(layer.shape, layer.layout);
  return Math.min(count, 20_000) ** 2 * dim + 2000 * count * dim + 1e8;
}

/** Lets events in: an interrupt, a progress bar, a click on "cancel". */
function letOthersRun(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === "function") {
      setImmediate(resolve);
      return;
    }
    // Browsers make repeated timers wait 4 ms each; messages they deliver at once, behind those that are waiting.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
