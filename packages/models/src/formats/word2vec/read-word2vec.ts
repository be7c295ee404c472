import type { ModelParts } from "../../format.js";
import type { ByteSource } from "../../source/byte-source.js";
import { notSound } from "../../source/not-sound.js";
import { layerOfColumn } from "../../tables/vector-column.js";
import { float32 } from "../../tensors/decode-numbers.js";

const piece = 2 ** 22;
const longestWord = 65_536;
const mostRows = 100_000_000;

interface Row {
  readonly word: Uint8Array;
  readonly numbers: Uint8Array;
  /** Where the word begins in the file. */
  readonly start: number;
}

/** @throws EnergyError `invalid-file` */
export async function readWord2vec(source: ByteSource): Promise<ModelParts> {
  const fail = (problem: string) => notSound(source.name, "word2vec file", problem);
  const head = /^(\d+) (\d+)\n/.exec(
    new TextDecoder("latin1").decode(await source.read(0, Math.min(40, source.size))),
  )!;
  const [count, dim] = [Number(head[1]), Number(head[2])];
  if (count < 1 || dim < 1 || count > mostRows || count * (dim * 4 + 1) > source.size) {
    throw fail(`it claims ${count} rows of ${dim} numbers in ${source.size} bytes`);
  }
  const places: number[] = [];
  const every = 1024;

  const forEachRow = async (from: number, rows: number, visit: (row: Row) => void): Promise<number> => {
    let bytes = new Uint8Array(0);
    let start = from;
    let at = 0;
    let n = 0;
    /** Makes so many bytes present from `at` on. */
    const fill = async (least: number) => {
      if (bytes.length - at >= least) return;
      start += at;
      at = 0;
      if (source.size - start < least) throw fail(`it ends in its row ${n}`);
      bytes = await source.read(start, Math.min(source.size - start, Math.max(piece, least)));
    };
    for (; n < rows; n++) {
      await fill(1);
      if (bytes[at] === 10) at++;
      if (bytes.indexOf(32, at) < 0) await fill(Math.min(longestWord, source.size - start - at));
      const length = bytes.indexOf(32, at) - at;
      if (length < 0 || length > longestWord) throw fail(`row ${n} has no word`);
      await fill(length + 1 + dim * 4);
      const numbersAt = at + length + 1;
      const end = numbersAt + dim * 4;
      visit({ word: bytes.subarray(at, at + length), numbers: bytes.subarray(numbersAt, end), start: start + at });
      at = end;
    }
    return start + at;
  };

  let row = 0;
  const end = await forEachRow(head[0].length, count, ({ start }) => {
    if (row++ % every === 0) places.push(start);
  });
  if (source.size - end > 1) throw fail(`${source.size - end} bytes follow its last row`);
  const read = async (from: number, length: number) => {
    const result = new Float32Array(length);
    if (length === 0) return result;
    const [low, high] = [Math.floor(from / dim), Math.ceil((from + length) / dim)];
    let n = Math.floor(low / every) * every;
    await forEachRow(places[n / every]!, high - n, ({ numbers }) => {
      if (n >= low) {
        const values = float32.decode(numbers.slice());
        for (let k = 0; k < dim; k++) {
          const at = n * dim + k - from;
          if (at >= 0 && at < length) result[at] = values[k]!;
        }
      }
      n++;
    });
    return result;
  };
  const rowNames = async () => {
    const names: string[] = [];
    const decoder = new TextDecoder();
    await forEachRow(head[0].length, count, ({ word }) => names.push(decoder.decode(word)));
    return names;
  };
  return { layers: [layerOfColumn({ name: "vectors", count, dim, dataType: "float32", read, rowNames })] };
}
