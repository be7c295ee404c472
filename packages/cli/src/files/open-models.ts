/** Opens the files of an audit: what is in them is known before anything is computed, or what computes is even loaded. */
import type { ModelContents } from "./model-file.js";
import { openModel } from "./open-model.js";

export interface OpenedModels {
  readonly models: readonly ModelContents[];
  /** What opening them took: their headers are read, and not the weights. */
  readonly milliseconds: number;
}

export interface OpenHooks {
  readonly opening: (path: string) => void;
  readonly opened: (model: ModelContents) => void;
}

/** @throws EnergyError `invalid-file` for a file that can't be read; none stays open then */
export async function openModels(paths: readonly string[], hooks?: OpenHooks): Promise<OpenedModels> {
  const begin = performance.now();
  const models: ModelContents[] = [];
  try {
    for (const path of paths) {
      hooks?.opening(path);
      const model = await openModel(path);
      models.push(model);
      hooks?.opened(model);
    }
  } catch (error) {
    await closeModels(models);
    throw error;
  }
  return { models, milliseconds: performance.now() - begin };
}

export async function closeModels(models: readonly ModelContents[]): Promise<void> {
  for (const model of models) await model.close();
}
