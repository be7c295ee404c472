/**
 * .npz: a zip archive of .npy arrays. Stored arrays are read in place, in parts where need be; compressed ones are unpacked
 * one at a time, to no more bytes than the archive says and the reader allows: a zip bomb meets that wall, not memory.
 */
import { EnergyError } from "@comhe/core/layouts";
import { type Entry, openPromise, type ZipFile } from "yauzl";
import type { ByteFile } from "./byte-file.js";
import type { LayerSource, SkippedTensor } from "./model-file.js";
import { type ReadBytes, readNpyHeader } from "./npy.js";
import { addNpyLayer } from "./npy-layer.js";

/** Unpacked size of a compressed array. Larger ones are stored, or audited from another format. */
const largestCompressed = 2 ** 30;
const mostEntries = 100_000;

/** Arrays begin with a header of this size at most; compressed ones are unpacked so far to read it. */
const headerBytes = 65_548;

export interface NpzParts {
  readonly layers: LayerSource[];
  readonly skipped: SkippedTensor[];
  readonly close: () => void;
}

/** @throws EnergyError `invalid-file` */
export async function readNpz(file: ByteFile): Promise<NpzParts> {
  const damaged = (problem: unknown) =>
    EnergyError.isInstance(problem)
      ? problem
      : new EnergyError(
          "invalid-file",
          `${file.path}: not a sound .npz archive: ${String(problem instanceof Error ? problem.message : problem).replace(/\.$/, "")}.`,
        );
  let zip: ZipFile | undefined;
  try {
    zip = await openPromise(file.path, { lazyEntries: true, autoClose: false });
    if (zip.entryCount > mostEntries) throw new Error(`it holds ${zip.entryCount} entries, more than ${mostEntries}`);
    const layers: LayerSource[] = [];
    const skipped: SkippedTensor[] = [];
    const seen = new Set<string>();
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileName.replace(/\.npy$/, "");
      if (!entry.fileName.endsWith(".npy")) {
        if (entry.fileName.endsWith("/data.pkl") || entry.fileName === "data.pkl") {
          throw new Error("it is a PyTorch checkpoint (pickled), which isn't read. Save it as safetensors");
        }
        skipped.push({ name, shape: [], dataType: "", reason: "not a .npy array" });
        continue;
      }
      if (seen.has(name)) throw new Error(`two arrays are named "${name}"`);
      seen.add(name);
      const { read, inParts } = entryReader(file, zip, entry);
      const array = await readNpyHeader(`${file.path}: ${name}`, entry.uncompressedSize, read);
      addNpyLayer({ name, array, read, inParts }, layers, skipped);
    }
    const opened = zip;
    return { layers, skipped, close: () => opened.close() };
  } catch (error) {
    zip?.close();
    throw damaged(error);
  }
}

/** Reads of an entry's bytes: in place where it is stored, else unpacked from the start. */
function entryReader(file: ByteFile, zip: ZipFile, entry: Entry): { read: ReadBytes; inParts: boolean } {
  const fail = (problem: string) =>
    new EnergyError("invalid-file", `${file.path}: array "${entry.fileName}": ${problem}.`);
  if (entry.isEncrypted()) throw fail("it is encrypted");
  if (entry.compressionMethod === 0) {
    let start: Promise<number> | undefined;
    const read: ReadBytes = async (offset, length) => {
      start ??= zip.readLocalFileHeaderPromise(entry, { minimal: true }).then((header) => header.fileDataStart);
      if (offset + length > entry.uncompressedSize) throw fail("it is cut short");
      return file.read((await start) + offset, length);
    };
    return { read, inParts: true };
  }
  if (entry.compressionMethod !== 8) throw fail(`compression method ${entry.compressionMethod} isn't read`);
  const read: ReadBytes = async (offset, length) => {
    const end = offset + length;
    if (end > largestCompressed) {
      throw fail(
        `it unpacks to ${entry.uncompressedSize} bytes; expected at most ${largestCompressed}. Save it with numpy.savez, ` +
          "uncompressed, to have it read in place",
      );
    }
    const stream = await zip.openReadStreamPromise(entry);
    // Grown as bytes come, not by what the archive promises.
    let bytes = new Uint8Array(Math.min(end, headerBytes));
    let filled = 0;
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        const used = chunk.subarray(0, end - filled);
        if (filled + used.length > bytes.length) {
          const grown = new Uint8Array(Math.min(end, Math.max(2 * bytes.length, filled + used.length)));
          grown.set(bytes.subarray(0, filled));
          bytes = grown;
        }
        bytes.set(used, filled);
        filled += used.length;
        if (filled === end) break;
      }
    } catch (error) {
      throw fail(`it can't be unpacked (${(error as Error).message})`);
    } finally {
      stream.destroy();
    }
    if (filled < end) throw fail(`it is cut short: expected ${end} bytes, got ${filled}`);
    return bytes.slice(offset, end);
  };
  return { read, inParts: false };
}
