/**
 * Operations that core computes on the host in float64: offered where arrays lie there, in modes cpu and webasm
 * of kernels that answer at once.
 */
import type { Backend, ObjectiveResult, ObjectiveTask } from "@comhe/core";
import { applySketch, applySketchBack, hostObjective, type Sketch } from "@comhe/core/host-functions";
import type { DeviceArray } from "./device/device-array.js";
import type { Engine } from "./device/engine.js";

export type HostOperations = Required<Pick<Backend<DeviceArray>, "sketch" | "sketchBack" | "objective">>;

export function hostOperations(engine: Engine): HostOperations {
  const numbers = (array: DeviceArray) => engine.hostValue(array)!;
  return {
    sketch: (rows, sketch: Sketch) =>
      engine.upload(applySketch(sketch, numbers(rows)), [sketch.count, rows.shape[1]!, sketch.dimension]),
    sketchBack: (projected, sketch: Sketch) =>
      engine.upload(applySketchBack(sketch, numbers(projected)), [1, projected.shape[1]!, sketch.dim]),
    objective(rows, task: ObjectiveTask): ObjectiveResult<DeviceArray> {
      const { value, gradient } = hostObjective(numbers(rows), rows.shape, task);
      return { value: engine.upload(value, [value.length]), gradient: engine.upload(gradient, rows.shape) };
    },
  };
}
