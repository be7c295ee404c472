/** Batched matrix products: large ones in the layout that kernels read fastest, small ones with one thread for each entry. */
import { type DeviceArray, sizeOf } from "../device/device-array.js";
import type { Engine } from "../device/engine.js";
import { dotProducts } from "../kernels/dot-products.js";
import { asLeft, layoutOf, pack, roundUp, unpack } from "../kernels/layout.js";
import { weightedSums } from "../kernels/weighted-sums.js";
import { transpose } from "./copy.js";

export interface ProductOptions {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** Below so many multiplications the kernels that pack and unpack cost more than they save. */
const worthPacking = 1 << 16;

export function product(engine: Engine, a: DeviceArray, b: DeviceArray, how: ProductOptions): DeviceArray {
  const [rows, inner] = how.transposeA ? [a.shape[2]!, a.shape[1]!] : [a.shape[1]!, a.shape[2]!];
  const columns = how.transposeB ? b.shape[1]! : b.shape[2]!;
  const batch = Math.max(a.shape[0]!, b.shape[0]!);
  if (batch * rows * inner * columns < worthPacking) return smallProduct(engine, a, b, how);
  return engine.scope(() => {
    const layout = layoutOf(engine);
    const step = layout === "plain" ? 1 : 4;
    const left = how.transposeA ? transpose(engine, a, [0, 2, 1]) : a;
    const packedLeft = pack(engine, left, roundUp(rows, step));
    if (layout === "quads" && !how.transposeB) {
      const packedRight = pack(engine, b, roundUp(inner, step));
      return unpack(engine, weightedSums(engine, packedLeft, packedRight), rows, columns);
    }
    const right = how.transposeB ? b : transpose(engine, b, [0, 2, 1]);
    const packedRight = pack(engine, right, roundUp(columns, step));
    const dots = dotProducts(engine, asLeft(engine, packedLeft), packedRight);
    return unpack(engine, dots, rows, columns);
  });
}

function smallProduct(engine: Engine, a: DeviceArray, b: DeviceArray, how: ProductOptions): DeviceArray {
  const [batchA, rowsA, columnsA] = a.shape as [number, number, number];
  const [batchB, rowsB, columnsB] = b.shape as [number, number, number];
  const [rows, inner] = how.transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
  const columns = how.transposeB ? rowsB : columnsB;
  const batch = Math.max(batchA, batchB);
  const onA = how.transposeA ? "k * this.constants.rows + this.thread.y" : "this.thread.y * this.constants.inner + k";
  const onB = how.transposeB
    ? "this.thread.x * this.constants.inner + k"
    : "k * this.constants.columns + this.thread.x";
  const entryA = batchA === 1 ? onA : `this.thread.z * this.constants.sizeA + ${onA}`;
  const entryB = batchB === 1 ? onB : `this.thread.z * this.constants.sizeB + ${onB}`;
  return engine.run(
    {
      name: `product ${entryA} ${entryB}`,
      source: () => `function(a, b) {
        let sum = 0;
        for (let k = 0; k < this.constants.inner; k++) { sum += a[${entryA}] * b[${entryB}]; }
        return sum;
      }`,
      constants: { rows, inner, columns, sizeA: sizeOf(a.shape) / batchA, sizeB: sizeOf(b.shape) / batchB },
    },
    [a, b],
    [columns, rows, batch],
    [batch, rows, columns],
  );
}
