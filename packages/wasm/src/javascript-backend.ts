/**
 * Where there is no WebAssembly SIMD: core's loops in plain JavaScript, which computes in float64, behind float32 arrays. Slow, but
 * everything works.
 */
import type { FloatArray, MaybePromise, ObjectiveTask } from "@comhe/core";
import { EnergyError, plainBackend } from "@comhe/core/pair-functions";
import type { WasmBackend } from "./backend-options.js";

export function javascriptBackend(): WasmBackend {
  const reference = plainBackend();
  const backend = {
    ...reference,
    name: "wasm-javascript",
    precision: "float32" as const,
    bareFormula: false,
    build: "javascript" as const,
    threads: 1,
    memory: () => ({ arrays: 0, bytes: 0 }),
    dispose() {},
    upload: (data: FloatArray, shape: readonly number[]) => reference.upload(Float32Array.from(data), shape),
    objective(rows: ReturnType<typeof reference.upload>, { host, objective }: ObjectiveTask) {
      if (!host)
        throw new EnergyError(
          "unsupported",
          `Objective "${objective.kind}": this backend computes it by core's function on the host, which the task must bring: set ObjectiveTask.host.`,
        );
      const { value, gradient } = host(rows.data, rows.shape);
      return { value: { data: value, shape: [value.length] }, gradient: { data: gradient, shape: rows.shape } };
    },
    download: (arrays: Parameters<typeof reference.download>[0]) => toSingle(reference.download(arrays)),
  };
  // Handles are opaque to whoever holds them, so that these may be others.
  return backend as unknown as WasmBackend;
}

function toSingle(read: MaybePromise<Record<string, FloatArray>>): Record<string, FloatArray> {
  return Object.fromEntries(
    Object.entries(read as Record<string, FloatArray>).map(([name, data]) => [name, Float32Array.from(data)]),
  );
}
