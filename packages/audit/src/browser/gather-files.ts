/** Files that are dropped or chosen, with their paths: folders with all that is in them. */

export interface GatheredFile {
  /** With forward slashes; a single file's is its name. */
  readonly path: string;
  readonly file: File;
}

/** Of an input, whose files of a folder have a path of their own. */
export const chosenFiles = (files: FileList): GatheredFile[] =>
  [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file }));

/** Of a drop. Entries must be asked for before anything is awaited: the browser takes them back. */
export async function droppedFiles({ items, files }: DataTransfer): Promise<GatheredFile[]> {
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry?.() ?? []);
  if (entries.length === 0) return chosenFiles(files);
  const gathered = await Promise.all(entries.map((entry) => filesIn(entry, "")));
  return gathered.flat();
}

async function filesIn(entry: FileSystemEntry, folder: string): Promise<GatheredFile[]> {
  const path = folder + entry.name;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ path, file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const all: GatheredFile[] = [];
  // A folder is given out in pieces of a hundred.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all;
    for (const each of some) if (!each.name.startsWith(".")) all.push(...(await filesIn(each, `${path}/`)));
  }
}
