/** From opened models to a plan that other machines understand. */
import { resolve } from "node:path";
import type { AuditSettings } from "@comhe/audit";
import { EnergyError, type Layout } from "@comhe/core/layouts";
import { fingerprintOf, type LayerAt, type LayersPlan, type PlannedModel, planLayers } from "@comhe/jobs";
import { digestOf } from "@comhe/jobs/node";
import type { LayerSource, ModelContents } from "@comhe/models";

/** What opening took, which a worker has to do as well. */
export interface OpenedHow {
  readonly base?: string | undefined;
  /** Layouts of stored arrays that were asked for and given. */
  readonly layouts: Readonly<Record<string, Layout>>;
}

const isRemote = (path: string) => /^(?:https?:\/\/|hf:)/i.test(path);

/** A whole path, since a worker stands elsewhere. */
const placeOf = (path: string): string => (isRemote(path) ? path : resolve(path));

/** A model as a plan names it. */
export function plannedModel({ path }: ModelContents, { base, layouts }: OpenedHow): PlannedModel {
  return JSON.parse(JSON.stringify({ path: placeOf(path), base: base === undefined ? null : placeOf(base), layouts }));
}

/**
 * A layer with what tells it from any other: a server's version, or a digest of all its numbers, so that results of an earlier file by the same
 * name are never taken for this one's.
 */
export async function layerAt(contents: ModelContents, layer: LayerSource, model: PlannedModel): Promise<LayerAt> {
  const whole = contents.version === undefined ? await digestOf(layer) : undefined;
  return { model, layer, fingerprint: await fingerprintOf(contents, layer, whole) };
}

/** @throws EnergyError `invalid-file` where there is no layer to audit */
export async function planAudit(
  models: readonly ModelContents[],
  settings: AuditSettings,
  how: OpenedHow,
): Promise<LayersPlan> {
  const layers: LayerAt[] = [];
  for (const contents of models) {
    const model = plannedModel(contents, how);
    for (const layer of contents.layers) layers.push(await layerAt(contents, layer, model));
  }
  if (layers.length === 0)
    throw new EnergyError(
      "invalid-file",
      "there is no layer to audit; `comhe audit --all` says what was left out and why.",
    );
  return planLayers(layers, settings);
}
