/** What the conventions make of tensors whose numbers are their own places, so that every row says where it came from. */
import { toNeurons } from "@comhe/core";
import { type PlacingOptions, placeTensors } from "../../src/conventions/place-tensors.js";
import type { StoredTensor } from "../../src/tensors/stored-tensor.js";
import { stored, type TestType } from "./stored-numbers.js";

export type Shapes = Readonly<Record<string, readonly number[]>>;

/** The number at a place is that place. */
export function places(shapes: Shapes, type: TestType = "float32"): StoredTensor[] {
  return Object.entries(shapes).map(([name, shape]) => {
    const count = shape.reduce((product, size) => product * size, 1);
    return stored(
      name,
      type,
      shape,
      Array.from({ length: count }, (_, n) => n),
    );
  });
}

export interface PlacedLayer {
  readonly kind: string;
  readonly role: string | undefined;
  readonly note: string;
  readonly rows: number[][];
}

/** Each layer as its rows, which are the same when it is read in parts. */
export async function placed(tensors: readonly StoredTensor[], options: PlacingOptions = {}) {
  const { layers, skipped, notes } = await placeTensors(tensors, options);
  const found: Record<string, PlacedLayer> = {};
  for (const layer of layers) {
    const data = await layer.read();
    for (const from of [0, 1, Math.floor(data.length / 3), data.length - 1]) {
      for (const size of [1, 5, Math.floor(data.length / 2)]) {
        const taken = Math.min(size, data.length - from);
        const part = await layer.readPart!(from, taken);
        if (part.join() !== data.slice(from, from + taken).join()) throw new Error(`${layer.name}: another part`);
      }
    }
    const { data: numbers, count, dim } = toNeurons({ data, shape: layer.shape, layout: layer.layout });
    const rows = Array.from({ length: count }, (_, i) => [...numbers.subarray(i * dim, (i + 1) * dim)]);
    if (found[layer.name]) throw new Error(`two layers are named ${layer.name}`);
    found[layer.name] = { kind: layer.kind, role: layer.role, note: layer.note ?? "", rows };
  }
  return {
    layers: found,
    names: Object.keys(found),
    notes,
    skipped: new Map(skipped.map(({ name, reason }) => [name, reason])),
  };
}

/** Rows of a matrix of places, `[…, columns]`. */
export const rowsOf = (columns: number, numbers: readonly number[]): number[][] =>
  numbers.map((row) => Array.from({ length: columns }, (_, column) => row * columns + column));

/** Columns of a matrix of places, each as a row. */
export const columnsOf = (rows: number, columns: number, numbers: readonly number[]): number[][] =>
  numbers.map((column) => Array.from({ length: rows }, (_, row) => row * columns + column));

export const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, n) => from + n);
