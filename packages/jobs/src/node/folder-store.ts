/**
 * Results in a folder, one file each, which any number of processes and machines share: written aside, flushed to the disk, and linked to
 * its name, which succeeds for one of them only.
 */
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, link, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { EnergyError } from "@comhe/core/layouts";
import { isName, sha256 } from "../identity/digest.js";
import type { ResultStore } from "../store/result-store.js";
import { decodeResult, encodeResult, largestResult, type StoredResult } from "../store/stored-result.js";

const ending = ".result";

/**
 * A store that keeps results in a folder, a file each, which any number of processes and machines may share. The folder is made if it isn't there.
 *
 * @throws EnergyError `invalid-config` where it can't be made
 */
export async function folderStore(folder: string): Promise<ResultStore> {
  await mkdir(folder, { recursive: true }).catch((error: Error) => {
    throw new EnergyError(
      "invalid-config",
      `${folder}: can't be made a folder of results (${error.message}).`,
      {},
      error,
    );
  });
  const pathOf = (piece: string) => join(folder, piece.slice(0, 2), `${piece}${ending}`);

  const get = async (piece: string): Promise<StoredResult | undefined> => {
    if (!isName(piece)) return undefined;
    const path = pathOf(piece);
    const bytes = await readWhole(path);
    if (bytes === undefined) return undefined;
    try {
      return await decodeResult(piece, bytes);
    } catch {
      // It counts as none, and whoever wants to know why still has it.
      await rename(path, `${path}.damaged-${randomBytes(4).toString("hex")}`).catch(() => {});
      return undefined;
    }
  };
  return {
    get,
    async put(result) {
      if (!isName(result.piece))
        throw new EnergyError("invalid-state", `expected the name of a piece, got ${JSON.stringify(result.piece)}.`);
      return writeOnce(pathOf(result.piece), join(folder, result.piece.slice(0, 2)), await encodeResult(result));
    },
    async names() {
      const found = new Set<string>();
      for (const under of await readdir(folder)) {
        if (!/^[0-9a-f]{2}$/.test(under)) continue;
        for (const file of await readdir(join(folder, under))) {
          const name = file.endsWith(ending) ? file.slice(0, -ending.length) : "";
          if (isName(name)) found.add(name);
        }
      }
      return found;
    },
    async keepOther(result) {
      const bytes = await encodeResult(result);
      const under = join(folder, "conflicts");
      await writeOnce(join(under, `${result.piece}-${(await sha256(bytes)).slice(0, 8)}${ending}`), under, bytes);
    },
  };
}

async function readWhole(path: string): Promise<Uint8Array | undefined> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, constants.O_RDONLY);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const { size } = await file.stat();
    // Too large to be one of ours: as good as damaged.
    return size > largestResult ? new Uint8Array() : await readFile(file);
  } finally {
    await file.close();
  }
}

/** Whole or not at all, and by one writer only. */
async function writeOnce(path: string, folder: string, bytes: Uint8Array): Promise<boolean> {
  await mkdir(folder, { recursive: true });
  const part = join(folder, `.${randomBytes(8).toString("hex")}.part`);
  try {
    const file = await open(part, "wx");
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    try {
      await link(part, path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EEXIST") return false;
      if (code !== "EPERM" && code !== "ENOTSUP" && code !== "EOPNOTSUPP" && code !== "ENOSYS") throw error;
      // A file system without links: not in one step, but a copy that was cut short has a wrong hash, and counts as none.
      try {
        await copyFile(part, path, constants.COPYFILE_EXCL);
      } catch (failure) {
        if ((failure as NodeJS.ErrnoException).code === "EEXIST") return false;
        throw failure;
      }
    }
    await syncFolder(folder);
    return true;
  } finally {
    await rm(part, { force: true });
  }
}

/** The name, too, is on the disk. Some systems can't; the name is there as soon as they write by themselves. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY).catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}
