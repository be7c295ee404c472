/**
 * A file of torch.save before PyTorch 1.6, and of a plain `pickle.dump`. The former is a row of pickles (a magic number,
 * a version, what machine it was, the object, the keys of its storages) and then the storages themselves, each after its
 * length. How long the pickles are isn't said, so they are read from as much of the file as it takes.
 */
import { EnergyError } from "@comhe/core/layouts";
import type { ByteSource } from "../../../source/byte-source.js";
import { memorySource } from "../../../source/memory-source.js";
import { elementBytes } from "../numbers/element-types.js";
import { Budget } from "../pickle/budget.js";
import { PickleCutShort, PickleProblem } from "../pickle/pickle-cursor.js";
import { unpickle } from "../pickle/unpickle.js";
import { PickleDict, PickleList, type PickleValue } from "../pickle/values.js";
import { type StorageBytes, StorageReference } from "./tensor-reference.js";
import { TorchBuilder } from "./torch-builder.js";

export interface PickledFile {
  readonly root: PickleValue;
  /** The constants of TorchScript's code, in which a frozen model has its weights. They have no names. */
  readonly constants?: readonly PickleValue[];
  readonly notes: readonly string[];
}

/** torch.serialization.MAGIC_NUMBER and PROTOCOL_VERSION. */
const magic = 0x1950a86a20f9469cfc6cn;
const version = 1001;

const firstBytes = 2 ** 18;
/** A plain pickle holds its numbers itself. */
const mostBytes = 2 ** 30;

/**
 * @param inMemory whether it stands in another pickle: those within it are refused
 * @throws EnergyError `invalid-file`
 */
export async function readLegacyFile(source: ByteSource, inMemory = false): Promise<PickledFile> {
  let bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  for (let wanted = firstBytes; ; wanted *= 4) {
    const length = Math.min(wanted, source.size, mostBytes);
    const grown = new Uint8Array(length);
    grown.set(bytes);
    grown.set(await source.read(bytes.length, length - bytes.length), bytes.length);
    bytes = grown;
    try {
      const pickles = readPickles(bytes, new Budget());
      await placeStorages(source, pickles);
      await placeNested(source, pickles.storages, inMemory);
      return { root: pickles.root, notes: pickles.notes };
    } catch (error) {
      if (error instanceof PickleCutShort && length < source.size && length < mostBytes) continue;
      if (!(error instanceof PickleProblem)) throw error;
      const larger = error instanceof PickleCutShort && length < source.size;
      throw new EnergyError(
        "invalid-file",
        `${source.name}: ${larger ? `its pickle is longer than ${mostBytes} bytes, which isn't read. Save the weights as safetensors` : error.message}.`,
      );
    }
  }
}

interface Pickles {
  readonly root: PickleValue;
  readonly storages: readonly StorageReference[];
  /** In the order in which the storages follow; absent in a plain pickle. */
  readonly keys?: readonly string[];
  readonly littleEndian: boolean;
  readonly end: number;
  readonly notes: readonly string[];
}

function readPickles(bytes: Uint8Array, budget: Budget): Pickles {
  const builder = new TorchBuilder(budget);
  let at = 0;
  const next = (): PickleValue => {
    const { value, end } = unpickle(bytes, at, builder, budget);
    at = end;
    return value;
  };
  const first = next();
  if (first !== magic) {
    const { storages } = builder;
    if (storages.some(({ nested }) => nested === undefined)) {
      throw new PickleProblem("it is a plain pickle, yet its tensors' storages stand beside it");
    }
    return { root: first, storages, littleEndian: true, end: at, notes: ["a plain pickle"] };
  }
  const found = next();
  if (found !== version)
    throw new PickleProblem(`it has version ${String(found)} of PyTorch's format; expected ${version}`);
  const system = next();
  const littleEndian = !(system instanceof PickleDict && system.entries.get("little_endian") === false);
  const root = next();
  const keys = next();
  if (!(keys instanceof PickleList)) throw new PickleProblem("it has no list of its storages");
  return { root, storages: builder.storages, keys: keys.items.map(String), littleEndian, end: at, notes: [] };
}

/** Where each storage lies follows from the lengths of those before it. The length in front of it is checked when it is read. */
async function placeStorages(source: ByteSource, { storages, keys, littleEndian, end }: Pickles): Promise<void> {
  if (keys === undefined) return;
  const byKey = new Map<string, StorageReference[]>();
  for (const storage of storages) {
    if (storage.nested !== undefined) continue;
    const list = byKey.get(storage.key);
    if (list) list.push(storage);
    else byKey.set(storage.key, [storage]);
  }
  let at = end;
  for (const key of keys) {
    const references = byKey.get(key);
    if (references === undefined) throw new PickleProblem(`it holds a storage ${key}, which no tensor of it names`);
    byKey.delete(key);
    const [{ elementType, wholeCount }] = references as [StorageReference];
    if (references.some((other) => other.elementType !== elementType || other.wholeCount !== wholeCount)) {
      throw new PickleProblem(`storage ${key} is of two types or lengths`);
    }
    const from = at + 8;
    const size = wholeCount * elementBytes(elementType);
    at = from + size;
    if (at > source.size) {
      throw new EnergyError(
        "invalid-file",
        `${source.name}: it is cut short: storage ${key} ends at byte ${at}, got ${source.size}. Copy or download it again.`,
      );
    }
    let checked: Promise<void> | undefined;
    const check = async () => {
      const header = await source.read(from - 8, 8);
      const stored = new DataView(header.buffer).getBigInt64(0, littleEndian);
      if (stored !== BigInt(wholeCount)) {
        throw new EnergyError(
          "invalid-file",
          `${source.name}: storage ${key} holds ${stored} numbers; expected ${wholeCount}: the file is altered.`,
        );
      }
    };
    // One for all of them, so that what shares a storage is known by it.
    const bytes: StorageBytes = {
      size,
      async read(first, count) {
        checked ??= check();
        await checked;
        return source.read(from + first, count);
      },
    };
    for (const storage of references) {
      storage.bigEndian = !littleEndian;
      storage.bytes = bytes;
    }
  }
}

/** Storages that a plain pickle holds as files of their own. */
async function placeNested(
  source: ByteSource,
  storages: readonly StorageReference[],
  inMemory: boolean,
): Promise<void> {
  const read = new Map<Uint8Array, PickleValue>();
  for (const storage of storages) {
    const { nested } = storage;
    if (nested === undefined) continue;
    if (inMemory) throw new PickleProblem("a storage of it holds a pickle within a pickle within a pickle");
    const file = memorySource(nested, `${source.name}: storage ${storage.key}`);
    // The same bytes may be named any number of times.
    const root = read.get(nested) ?? (await readLegacyFile(file, true)).root;
    read.set(nested, root);
    if (!(root instanceof StorageReference)) throw new PickleProblem("a storage of it is none");
    storage.takeFrom(root);
  }
}
