/** Batched matrix products. */
import { type DeviceArray, sizeOf } from "../device/device-array.js";
import type { Engine } from "../device/engine.js";

export interface ProductOptions {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

export function product(engine: Engine, a: DeviceArray, b: DeviceArray, how: ProductOptions): DeviceArray {
  const [batchA, rowsA, columnsA] = a.shape as [number, number, number];
  const [batchB, rowsB, columnsB] = b.shape as [number, number, number];
  const [rows, inner] = how.transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
  const columns = how.transposeB ? rowsB : columnsB;
  const batch = Math.max(batchA, batchB);
  const onA = how.transposeA ? "k * this.constants.rows + this.thread.y" : "this.thread.y * this.constants.inner + k";
  const onB = how.transposeB
    ? "this.thread.x * this.constants.inner + k"
    : "k * this.constants.columns + this.thread.x";
  const ofBatch = (size: number, of: DeviceArray) =>
    size === 1 ? "" : `this.thread.z * ${sizeOf(of.shape) / size} + `;
  return engine.run(
    {
      name: `product ${ofBatch(batchA, a)}${onA} ${ofBatch(batchB, b)}${onB}`,
      source: `function(a, b) {
        let sum = 0;
        for (let k = 0; k < this.constants.inner; k++) {
          sum += a[${ofBatch(batchA, a)}${onA}] * b[${ofBatch(batchB, b)}${onB}];
        }
        return sum;
      }`,
      constants: { rows, inner, columns },
    },
    [a, b],
    [columns, rows, batch],
    [batch, rows, columns],
  );
}
