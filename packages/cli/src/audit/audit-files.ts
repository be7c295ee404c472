/** Audits files with `@comhe/audit`: opens and closes them, keeps what is done in a side file, and counts the time of reading their headers in. */
import { type AuditOptions, type AuditReport, type AuditSettings, auditModels } from "@comhe/audit";
import type { Backend } from "@comhe/core";
import type { LayerSource, ModelContents } from "@comhe/models";
import { closeModels, type OpenedModels, openModels } from "../files/open-models.js";
import type { SideFile } from "./side-file.js";

/** What an audit of some files found. */
export interface AuditRun extends AuditReport {
  /** Why the side file lacks some of the layers, in words; `undefined` where it lacks none. */
  readonly sideFileProblem: string | undefined;
}

/** What an audit asks and tells while it runs. */
export interface AuditHooks
  extends Pick<AuditOptions<unknown>, "onBegin" | "onLayer" | "onProgress" | "onDetails" | "signal" | "known"> {
  /** Says, by a layer's name, whether it is audited. Default: all are. */
  readonly wanted?: ((name: string) => boolean) | undefined;
  /** Gives a layer with another layout, or the layer as it is. Default: none is changed. */
  readonly relayout?: ((layer: LayerSource) => LayerSource) | undefined;
  /** The side file in which layers that are done are kept and found again. Default: none. */
  readonly sideFile?: SideFile | undefined;
}

/**
 * Audits the layers of some model files, one file at a time. Where some of several files can't be read, or a layer can't be audited, the report's
 * `failed` says so.
 *
 * @throws EnergyError `invalid-file` where none of the files can be read
 */
export async function auditFiles<A>(
  backend: Backend<A>,
  paths: readonly string[],
  settings: AuditSettings,
  hooks: AuditHooks = {},
): Promise<AuditRun> {
  return auditOpened(backend, await openModels(paths), settings, hooks);
}

/** Closes the models in the end. */
export async function auditOpened<A>(
  backend: Backend<A>,
  opened: OpenedModels,
  settings: AuditSettings,
  { wanted = () => true, relayout = (layer) => layer, sideFile, onLayer, known, ...hooks }: AuditHooks,
): Promise<AuditRun> {
  try {
    const models = opened.models.map((model) => ({
      ...model,
      layers: model.layers.filter(({ name }) => wanted(name)).map(relayout),
    }));
    // Keys are made before a layer is audited, and say what the file was then.
    let key = "";
    const report = await auditModels(
      models,
      {
        backend,
        settings,
        ...hooks,
        async known(model, layer) {
          const elsewhere = await known?.(model, layer);
          if (elsewhere !== undefined || sideFile === undefined) return elsewhere;
          key = keyOf(model, layer);
          return sideFile.find(key);
        },
        onLayer(result, done) {
          if (sideFile && !("problem" in result) && sideFile.find(key) === undefined) sideFile.add(key, result);
          onLayer?.(result, done);
        },
      },
      opened.failed,
    );
    return {
      ...report,
      milliseconds: opened.milliseconds + report.milliseconds,
      readMilliseconds: opened.milliseconds + report.readMilliseconds,
      sideFileProblem: sideFile?.problem,
    };
  } finally {
    await closeModels(opened.models);
  }
}

/** With the state of all files of the model: its numbers may lie in others than the one that is named, and in a base's. */
function keyOf({ path, state }: ModelContents, { name, shape, layout }: LayerSource): string {
  return JSON.stringify([path, state, name, shape, layout]);
}
