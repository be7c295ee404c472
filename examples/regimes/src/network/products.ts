/** Products of matrices by the fastest thing that computes on the host. */
import { type Backend, EnergyError } from "@comhe/core";
import { nativeBackend } from "@comhe/native";
import { wasmBackend } from "@comhe/wasm";

/** A matrix as it lies: row-major. */
export type Matrix = readonly [data: Float32Array, rows: number, columns: number];

/** Runs are spread over workers, each of which computes on one thread. */
function open(): Backend<unknown> {
  try {
    return nativeBackend({ threads: 1 }) as unknown as Backend<unknown>;
  } catch (error) {
    if (!EnergyError.isInstance(error) || error.code !== "missing-peer") throw error;
    return wasmBackend({ threads: 1 }) as unknown as Backend<unknown>;
  }
}

/** Native where a binary loads, else WebAssembly: for energies, too. */
export const backend: Backend<unknown> = open();

export interface Transposed {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/** A·B, either of them transposed. */
export function multiply(a: Matrix, b: Matrix, how: Transposed = {}): Float32Array {
  return backend.scope(() => {
    const [left, right] = [a, b].map(([data, rows, columns]) => backend.upload(data, [1, rows, columns]));
    const read = backend.download({ product: backend.matmul(left, right, how) });
    return (read as { product: Float32Array }).product;
  });
}
