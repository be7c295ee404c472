/** From what was dropped or chosen to models with what lies beside them, or to a report that was saved. */
import { modelsAmong } from "@comhe/models";
import { openModels } from "./choice-view.js";
import type { GatheredFile } from "./gather-files.js";
import { showReport } from "./run-view.js";
import { showProblem } from "./stage.js";

export async function takeFiles(files: readonly GatheredFile[]): Promise<void> {
  const [first] = files;
  if (first === undefined) {
    showProblem("Expected files, got none: the folder is empty, or what was dropped is no file.");
    return;
  }
  try {
    if (files.length > 1 || !(await looksLikeReport(first.file))) {
      chooseModels(files);
      return;
    }
    const { readReport } = await import("./saved-report.js");
    await showReport(await readReport(first.file), undefined);
  } catch (error) {
    showProblem((error as Error).message);
  }
}

/** Whether a file is a report, by its first bytes: a model's description in JSON may be as large. */
async function looksLikeReport(file: File): Promise<boolean> {
  if (!/\.json$/i.test(file.name)) return false;
  const start = await file.slice(0, 65_536).text();
  return /^\s*\{\s*"version"\s*:\s*\d+\s*,\s*"settings"/.test(start);
}

function chooseModels(files: readonly GatheredFile[]): void {
  const found = modelsAmong(files.map(({ path }) => path));
  const byPath = new Map(files.map(({ path, file }) => [path, file]));
  const used = new Set<string>();
  const models = found.map(({ path, folder, likely }) => {
    // Two files of one name, from two drops of a desktop, are two models all the same.
    let name = path;
    for (let n = 2; used.has(name); n++) name = `${path} (${n})`;
    used.add(name);
    return { path: name, file: byPath.get(path)!, beside: filesIn(folder, files, path), likely };
  });
  const isModel = new Set(found.map(({ path }) => path));
  openModels(
    models,
    files.flatMap(({ path }) => (isModel.has(path) ? [] : [path])),
  );
}

/** By their paths from the model's folder. A File made of another is a reference: no bytes are copied. */
function filesIn(folder: string, files: readonly GatheredFile[], model: string): File[] {
  return files
    .filter(({ path }) => path.startsWith(folder) && path !== model)
    .map(({ path, file }) => new File([file], path.slice(folder.length), { lastModified: file.lastModified }));
}
