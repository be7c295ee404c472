/** Sums and maxima along an axis: a thread for each of many short runs, a workgroup for each long one. */
import type { DeviceArray } from "../device/device-array.js";
import type { Engine } from "../device/engine.js";
import type { Kernel } from "../device/kernel.js";
import { sizeOf } from "../device/sizes.js";
import { groupsFor, indexText } from "./elementwise.js";

/** Numbers of a run that a thread adds up alone. */
const shortRun = 32;
const threads = 64;

const arrays = { a: { type: "f32" }, result: { type: "f32", writes: true } } as const;
const parameters = { size: "u32", along: "u32", after: "u32" } as const;
const start = "let start = (n / p.after) * p.along * p.after + n % p.after;";

/** @param text an expression that folds `v` into `r`, both of type f32 */
export function fold(
  name: string,
  text: string,
  first: string,
): (engine: Engine, a: DeviceArray, axis: number) => DeviceArray {
  const short = {
    name: `${name}, short`,
    parameters,
    arrays,
    threads: 256,
    body: () => `${indexText} ${start}
  var r = ${first};
  for (var k = 0u; k < p.along; k++) { let v = a[start + k * p.after]; r = ${text}; }
  result[n] = r;`,
  } as const satisfies Kernel;
  const long = {
    name,
    parameters,
    arrays,
    threads,
    declarations: () => `var<workgroup> part: array<f32, ${threads}>;`,
    body: () => `let n = group.x; ${start}
  var r = ${first};
  for (var k = t; k < p.along; k += ${threads}u) { let v = a[start + k * p.after]; r = ${text}; }
  part[t] = r;
  workgroupBarrier();
  for (var half = ${threads / 2}u; half > 0u; half /= 2u) {
    if (t < half) { let v = part[t + half]; r = part[t]; part[t] = ${text}; }
    workgroupBarrier();
  }
  if (t == 0u) { result[n] = part[0]; }`,
  } as const satisfies Kernel;
  return (engine, a, axis) => {
    const along = a.shape[axis]!;
    const after = sizeOf(a.shape.slice(axis + 1));
    const shape = a.shape.map((length, n) => (n === axis ? 1 : length));
    const size = sizeOf(shape);
    const result = engine.make(shape);
    const isShort = along <= shortRun;
    engine.run(isShort ? short : long, {
      arrays: { a, result },
      parameters: { size, along, after },
      groups: isShort ? groupsFor(size) : [size, 1, 1],
      work: 4 * size * along,
    });
    return result;
  };
}

export const sumAlong = fold("sum along", "r + v", "0.0");
export const maxAlong = fold("max along", "max(r, v)", "a[start]");
