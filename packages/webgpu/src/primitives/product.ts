/** Batched products of matrices, either transposed, with a batch of 1 that broadcasts, and summed over the batch where that is wanted. */
import { EnergyError, type MatmulOptions, type Shape } from "@comhe/core";
import type { DeviceArray } from "../device/device-array.js";
import type { Engine } from "../device/engine.js";
import type { Kernel } from "../device/kernel.js";
import {
  accumulator,
  accumulatorsText,
  type Blocking,
  placeText,
  productDeclarations,
  productText,
  quadText,
  type Side,
  threadsOf,
} from "../kernels/blocking.js";
import { blockingFor } from "../pairs/blockings.js";

const parameters = {
  rows: "u32",
  columns: "u32",
  /** Length of the inner axis, and its quads, rounded up to whole slabs. */
  inner: "u32",
  quads: "u32",
  /** From one batch entry to the next; 0 broadcasts. */
  a_entry: "u32",
  b_entry: "u32",
  /** Products that are added up into each entry of the result. */
  terms: "u32",
} as const;

/** The side whose numbers lie at `(position, inner)` of a matrix, row major or transposed. */
function sideOf(name: "a" | "b", tile: string, innerMajor: boolean, side: number): Side {
  const first = `${tile} * ${side}u + 4u * m4`;
  return {
    block: `${name}_block(${first}, 4u * (slab + k4), ${name}_start)`,
    contiguous: innerMajor ? "side" : "inner",
  };
}

/** A block of 4×4 numbers, zeros beyond the matrix. */
function blockFunction(name: "a" | "b", length: string, innerMajor: boolean): string {
  const index = innerMajor ? `start + k * p.${length} + m` : "start + m * p.inner + k";
  return `fn ${name}_block(first: u32, inner: u32, start: u32) -> mat4x4f {
  var block = mat4x4f();
  for (var q = 0u; q < 4u; q++) {
    let k = inner + q;
    for (var r = 0u; r < 4u; r++) {
      let m = first + r;
      if (m < p.${length} && k < p.inner) { block[q][r] = ${name}[${index}]; }
    }
  }
  return block;
}`;
}

function productKernel(blocking: Blocking, transposeA: boolean, transposeB: boolean) {
  const { side, per } = blocking;
  const left = sideOf("a", "group.y", transposeA, side);
  const right = sideOf("b", "group.x", !transposeB, side);
  const groups = [...Array(per / 4).keys()];
  const stores = groups.flatMap((i) =>
    [0, 1, 2, 3].flatMap((r) =>
      groups.map(
        (j) =>
          `store(group.z, group.y * ${side}u + 4u * (${quadText("ty", i, blocking)}) + ${r}u, group.x * ${side}u + 4u * (${quadText("tx", j, blocking)}), ${accumulator(4 * i + r, j)});`,
      ),
    ),
  );
  return {
    name: `product ${transposeA} ${transposeB} ${side}/${per}`,
    parameters,
    arrays: { a: { type: "f32" }, b: { type: "f32" }, result: { type: "f32", writes: true } },
    threads: threadsOf(blocking),
    declarations: () => `${productDeclarations(blocking)}
${blockFunction("a", "rows", transposeA)}
${blockFunction("b", "columns", !transposeB)}
fn store(entry: u32, row: u32, column: u32, sums: vec4f) {
  if (row >= p.rows) { return; }
  let at = (entry * p.rows + row) * p.columns + column;
  for (var n = 0u; n < 4u; n++) { if (column + n < p.columns) { result[at + n] = sums[n]; } }
}`,
    body: () => `${placeText(blocking)}
  ${accumulatorsText(blocking)}
  for (var term = 0u; term < p.terms; term++) {
    let entry = group.z * p.terms + term;
    let a_start = entry * p.a_entry;
    let b_start = entry * p.b_entry;
    ${productText(blocking, left, right, "p.quads")}
  }
  ${stores.join("\n  ")}`,
  } as const satisfies Kernel;
}

/**
 * What a product's shape is.
 *
 * @throws EnergyError `invalid-shape` where the two don't fit
 */
export function shapeOfProduct(a: Shape, b: Shape, options: MatmulOptions): Shape {
  const { transposeA = false, transposeB = false, sumBatch = false } = options;
  const [aBatch, aRows, aColumns] = a as [number, number, number];
  const [bBatch, bRows, bColumns] = b as [number, number, number];
  const [rows, inner] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
  const [columns, innerB] = transposeB ? [bRows, bColumns] : [bColumns, bRows];
  if (inner !== innerB || (aBatch !== bBatch && aBatch !== 1 && bBatch !== 1)) {
    throw new EnergyError(
      "invalid-shape",
      `matmul: [${a.join(", ")}]${transposeA ? "ᵀ" : ""} and [${b.join(", ")}]${transposeB ? "ᵀ" : ""} don't fit: expected inner lengths that agree, and batches of one length or of 1.`,
    );
  }
  return [sumBatch ? 1 : Math.max(aBatch, bBatch), rows, columns];
}

/** A backend's `matmul`, of arrays in one buffer each. */
export function product(engine: Engine, a: DeviceArray, b: DeviceArray, options: MatmulOptions = {}): DeviceArray {
  const { transposeA = false, transposeB = false } = options;
  const [aBatch, aRows, aColumns] = a.shape as [number, number, number];
  const [bBatch, bRows, bColumns] = b.shape as [number, number, number];
  const inner = transposeA ? aRows : aColumns;
  const [entries, rows, columns] = shapeOfProduct(a.shape, b.shape, options) as [number, number, number];
  const batch = Math.max(aBatch, bBatch);
  const terms = batch / entries;
  const blocking = blockingFor(engine, entries, rows, columns);
  const quads = Math.ceil(inner / blocking.depth) * (blocking.depth / 4);
  const result = engine.make([entries, rows, columns]);
  engine.run(productKernel(blocking, transposeA, transposeB), {
    arrays: { a, b, result },
    parameters: {
      rows,
      columns,
      inner,
      quads,
      a_entry: aBatch === 1 ? 0 : aRows * aColumns,
      b_entry: bBatch === 1 ? 0 : bRows * bColumns,
      terms,
    },
    groups: [Math.ceil(columns / blocking.side), Math.ceil(rows / blocking.side), entries],
    work: 2 * batch * Math.max(rows, blocking.side) * Math.max(columns, blocking.side) * 4 * quads,
  });
  return result;
}
