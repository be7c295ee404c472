/** One composition of operations, run on the backend under test and on the reference backend. */
import { type Backend, type FloatArray, referenceBackend, type Shape } from "@comhe/core";
import type { Rows } from "../inputs/rows.js";

/** Uploads what it needs and returns what is to be read. */
export type Operation<K extends string> = <A>(backend: Backend<A>) => Record<K, A>;

export async function readResults<A, K extends string>(
  backend: Backend<A>,
  operation: (backend: Backend<A>) => Record<K, A>,
): Promise<Record<K, FloatArray>> {
  return backend.download(backend.scope(() => operation(backend)));
}

export async function readBoth<A, K extends string>(
  backend: Backend<A>,
  operation: Operation<K>,
): Promise<{ readonly actual: Record<K, FloatArray>; readonly expected: Record<K, FloatArray> }> {
  const expected = await readResults(referenceBackend(), operation);
  return { actual: await readResults(backend, operation), expected };
}

export function uploadRows<A>(backend: Backend<A>, { data, batch, count, dim }: Rows, name = "rows"): A {
  return uploadAs(backend, data, [batch, count, dim], name);
}

/** In the precision that the backend computes in. The values are float32 either way, but for those of differences. */
export function uploadAs<A>(backend: Backend<A>, data: FloatArray, shape: Shape, name: string): A {
  const exact = backend.precision === "float64";
  return backend.upload(exact ? Float64Array.from(data) : Float32Array.from(data), shape, name);
}
