/** The digits of `examples/digits`, fetched and unpacked in the page; one seed's training rows, and the test rows. */
import { randomStream } from "@comhe/core";
import address from "../../digits/data/digits.csv.gz?url";
import { regime } from "../../digits/src/regime.js";

const pixels = 64;
const rowCount = 1797;

export interface Examples {
  readonly count: number;
  /** count × 64, centred by the training rows' mean. */
  readonly inputs: Float32Array;
  readonly labels: Uint8Array;
}

/** 65 whole numbers a row: pixels 0–16, then the class. */
export async function fetchDigits(): Promise<Uint8Array> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`The digits couldn't be loaded from ${address}: HTTP ${response.status}.`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  // Some servers announce the file as an encoding, and the browser has unpacked it already.
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const text = packed
    ? await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text()
    : new TextDecoder().decode(bytes);
  const values = text
    .trimEnd()
    .split(/[\n,]/)
    .map((cell) => Number(cell));
  const expected = rowCount * (pixels + 1);
  if (values.length !== expected || values.some((value) => !(value >= 0 && value <= 16))) {
    throw new Error(`The digits are damaged: expected ${expected} numbers from 0 to 16, got ${values.length} cells.`);
  }
  return Uint8Array.from(values);
}

/** 200 of the first 1000 rows train, as the study draws them for this seed; rows 1000–1796 test. */
export function splitDigits(table: Uint8Array, seed: number): { training: Examples; test: Examples } {
  const order = Int32Array.from({ length: regime.poolRows }, (_, n) => n);
  const random = randomStream(seed, "split", 0);
  for (let last = order.length - 1; last > 0; last--) {
    const pick = random.below(last + 1);
    [order[last], order[pick]] = [order[pick]!, order[last]!];
  }
  const training = order.slice(0, regime.samples);
  const means = new Float64Array(pixels);
  for (const row of training) {
    for (let n = 0; n < pixels; n++) means[n]! += table[row * (pixels + 1) + n]! / 16 / training.length;
  }
  const select = (rows: Int32Array): Examples => ({
    count: rows.length,
    inputs: Float32Array.from({ length: rows.length * pixels }, (_, at) => {
      const [row, n] = [rows[Math.floor(at / pixels)]!, at % pixels];
      return (table[row * (pixels + 1) + n]! / 16 - means[n]!) / regime.pixelScale;
    }),
    labels: Uint8Array.from(rows, (row) => table[row * (pixels + 1) + pixels]!),
  });
  const rest = Int32Array.from({ length: rowCount - regime.poolRows }, (_, n) => regime.poolRows + n);
  return { training: select(training), test: select(rest) };
}
