/**
 * A zip archive of torch.save or torch.jit.save: a pickle, and beside it each storage as a file of its own, which is read
 * in place. TorchScript adds the code, which isn't read, and the constants of the code: of a frozen model, its weights.
 */
import type { EnergyError } from "@comhe/core/layouts";
import type { ByteSource } from "../../../source/byte-source.js";
import { notSound } from "../../../source/not-sound.js";
import type { ZipEntry } from "../../../zip/zip-entry.js";
import { Budget } from "../pickle/budget.js";
import { PickleProblem } from "../pickle/pickle-cursor.js";
import { unpickle } from "../pickle/unpickle.js";
import { PickleList, PickleTuple, type PickleValue } from "../pickle/values.js";
import type { PickledFile } from "./legacy-file.js";
import type { StorageBytes } from "./tensor-reference.js";
import { TorchBuilder } from "./torch-builder.js";

/** Storages stand beside the pickle, so that it is small; settings and vocabularies may be in it. */
const mostBytes = 2 ** 29;
/** PyTorch stores it as it is. Somebody who packed it again hasn't much in it; a bomb has. */
const mostUnpacked = 2 ** 26;

/** @throws EnergyError `invalid-file` */
export async function readZipFile(source: ByteSource, entries: readonly ZipEntry[]): Promise<PickledFile> {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  if (byName.size !== entries.length) throw damaged(source, "two of its files have one name");
  // The archive's own folder is the outermost.
  const [pickle] = entries
    .filter(({ name }) => /(^|\/)data\.pkl$/.test(name))
    .sort((a, b) => a.name.length - b.name.length);
  if (pickle === undefined) throw damaged(source, "it has no data.pkl");
  const folder = pickle.name.slice(0, -"data.pkl".length);
  const bigEndian = await isBigEndian(byName.get(`${folder}byteorder`), source);
  const read = (entry: ZipEntry, storages: string) => readPickle(source, entry, byName, storages, bigEndian);
  const root = await read(pickle, `${folder}data/`);
  const held = byName.get(`${folder}constants.pkl`);
  const script = held !== undefined || entries.some(({ name }) => name.startsWith(`${folder}code/`));
  if (!script) return { root, notes: [] };
  const values = held && (await read(held, `${folder}constants/`));
  const constants = values instanceof PickleTuple || values instanceof PickleList ? values.items : [];
  return { root, constants, notes: ["TorchScript: its weights were read, and none of its code"] };
}

async function readPickle(
  source: ByteSource,
  entry: ZipEntry,
  byName: ReadonlyMap<string, ZipEntry>,
  folder: string,
  bigEndian: boolean,
): Promise<PickleValue> {
  const most = entry.stored ? mostBytes : mostUnpacked;
  if (entry.size > most) {
    throw damaged(source, `its ${entry.name} has ${entry.size} bytes; expected at most ${most}`);
  }
  const budget = new Budget();
  const builder = new TorchBuilder(budget);
  let value: PickleValue;
  try {
    ({ value } = unpickle(await entry.read(0, entry.size), 0, builder, budget));
  } catch (error) {
    if (error instanceof PickleProblem) throw damaged(source, error.message);
    throw error;
  }
  // One for each file, so that what shares a storage is known by it.
  const bytes = new Map<string, StorageBytes>();
  for (const storage of builder.storages) {
    if (storage.nested !== undefined) throw damaged(source, "a storage of it holds a pickle within the pickle");
    const stored = byName.get(folder + storage.key);
    if (stored === undefined) continue;
    if (!bytes.has(storage.key)) bytes.set(storage.key, stored);
    storage.bytes = bytes.get(storage.key);
    storage.bigEndian = bigEndian;
  }
  return value;
}

async function isBigEndian(entry: ZipEntry | undefined, source: ByteSource): Promise<boolean> {
  if (entry === undefined) return false;
  const order = new TextDecoder().decode(await entry.read(0, Math.min(entry.size, 16)));
  if (order !== "little" && order !== "big") {
    throw damaged(source, `its byteorder is ${JSON.stringify(order)}; expected "little" or "big"`);
  }
  return order === "big";
}

function damaged(source: ByteSource, problem: string): EnergyError {
  return notSound(source.name, "PyTorch file", problem);
}
