/** Opens the files of an audit: what is in them is known before anything is computed, or what computes is even loaded. */
import { EnergyError } from "@comhe/core/layouts";
import { type ModelContents, type OpenOptions, openModel } from "@comhe/models";

export interface OpenedModels {
  readonly models: readonly ModelContents[];
  /** Files that can't be read, beside others that can. */
  readonly failed: readonly {
    readonly file: string;
    readonly layer: null;
    readonly problem: string;
    readonly code: string;
  }[];
  /** What opening them took: their headers are read, and not the weights. */
  readonly milliseconds: number;
}

export interface OpenHooks {
  readonly opening: (path: string) => void;
  readonly opened: (model: ModelContents) => void;
  readonly failed: () => void;
}

/**
 * One that can't be read doesn't keep the others from being audited.
 *
 * @throws EnergyError `invalid-file` where no file can be read, with the reason of each
 */
export async function openModels(
  paths: readonly string[],
  hooks?: OpenHooks,
  options?: OpenOptions,
): Promise<OpenedModels> {
  const begin = performance.now();
  const models: ModelContents[] = [];
  const errors: { readonly path: string; readonly error: EnergyError }[] = [];
  try {
    for (const path of paths) {
      hooks?.opening(path);
      try {
        models.push(await openModel(path, options));
      } catch (error) {
        if (!EnergyError.isInstance(error)) throw error;
        errors.push({ path, error });
        hooks?.failed();
        continue;
      }
      hooks?.opened(models.at(-1)!);
    }
  } catch (error) {
    await closeModels(models);
    throw error;
  }
  const [first] = errors;
  if (first && models.length === 0) {
    if (errors.length === 1) throw first.error;
    throw new EnergyError(first.error.code, errors.map(({ error }) => error.message).join("\n"));
  }
  const failed = errors.map(({ path, error }) => ({
    file: path,
    layer: null,
    problem: error.message,
    code: error.code,
  }));
  return { models, failed, milliseconds: performance.now() - begin };
}

export async function closeModels(models: readonly ModelContents[]): Promise<void> {
  for (const model of models) await model.close();
}
