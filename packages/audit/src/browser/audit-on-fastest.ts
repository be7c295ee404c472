/**
 * An audit on the fastest backend there is. A GPU may be taken away while it computes, or be too small for a layer: what it has done stays, and the rest is computed by
 * the next one. The report says so.
 */
import type { ModelContents } from "@comhe/models";
import type { FailedLayer, LayerAudit } from "../layer/layer-audit.js";
import { type AuditOptions, auditModels } from "../model/audit-model.js";
import type { AuditReport } from "../model/audit-report.js";
import { counted } from "../text/format-number.js";
import { fastestBackend, type Loaded, type Offer, type OfferName } from "./backends.js";

type Told = Pick<AuditOptions<unknown>, "onProgress" | "onLayer" | "signal"> & {
  /** Called as an audit begins, and once more where another backend goes on. */
  readonly onBegin: (layers: number, about: string) => void;
  /** A backend's name, from the page's address. */
  readonly asked: string | undefined;
  readonly among?: readonly Offer[] | undefined;
};

/** Failures of layers that another backend may not have; those of files and numbers it has, too. */
const own = new Set(["unsupported", "unexpected", "missing-peer"]);

export async function auditOnFastest(
  models: readonly ModelContents[],
  { onBegin, onLayer, asked, among, signal, ...told }: Told,
): Promise<{ readonly report: AuditReport; readonly loaded: Loaded }> {
  const done = new Map<string, LayerAudit>();
  const failed = new Set<OfferName>();
  const notes: string[] = [];
  const layers = models.reduce((sum, model) => sum + model.layers.length, 0);
  const known = async ({ path }: ModelContents, { name }: { readonly name: string }) => done.get(keyOf(path, name));
  for (;;) {
    const loaded = await fastestBackend(asked, failed, among);
    const ended = new AbortController();
    const end = () => ended.abort();
    signal?.addEventListener("abort", end);
    const report = await auditModels(models, {
      ...{ ...told, backend: loaded.backend, known, signal: ended.signal },
      onBegin: (layers) => onBegin(layers, loaded.about),
      onLayer(result, share) {
        if (!isFailure(result)) done.set(keyOf(result.file, result.layer), result);
        if (loaded.lost?.() !== undefined) end();
        onLayer?.(result, share);
      },
    });
    const why = loaded.lost?.();
    const refused = report.failed.filter(({ code }) => own.has(code));
    const rest = layers - done.size - (report.failed.length - refused.length);
    const again = loaded.name === "webgpu" && !signal?.aborted && rest > 0 && (why !== undefined || refused.length > 0);
    if (!again) {
      const all = [...models.flatMap(({ path }) => notes.map((note) => ({ file: path, note }))), ...report.notes];
      return { report: { ...report, notes: all }, loaded };
    }
    failed.add(loaded.name);
    loaded.dispose?.();
    const computed = `${counted(rest, "layer")} ${rest === 1 ? "was" : "were"} computed on the processors`;
    notes.push(
      why === undefined
        ? `${computed}, since the GPU couldn't: ${refused[0]!.problem}`
        : `${computed}, since the GPU was lost: ${why}`,
    );
  }
}

const isFailure = (result: LayerAudit | FailedLayer): result is FailedLayer => "problem" in result;
const keyOf = (file: string, layer: string) => JSON.stringify([file, layer]);
