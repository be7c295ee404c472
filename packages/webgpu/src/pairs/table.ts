/** Rows with zeros up to whole tiles: what the blocked kernels read. */
import type { DeviceArray } from "../device/device-array.js";
import type { Engine } from "../device/engine.js";
import { roundUp, sizeOf } from "../device/sizes.js";
import type { Blocking } from "../kernels/blocking.js";
import { padKernel } from "../kernels/rows.js";
import { blockingFor } from "./blockings.js";

/** Rows padded to whole tiles. */
export interface Table {
  readonly blocking: Blocking;
  readonly x: DeviceArray;
  readonly batch: number;
  readonly count: number;
  readonly dim: number;
  /** Padded rows, and quads of one. */
  readonly rows: number;
  readonly quads: number;
}

export function tableOf(engine: Engine, unit: DeviceArray, wantedBlocking?: Blocking): Table {
  const [batch, count, dim] = unit.shape as [number, number, number];
  const blocking = wantedBlocking ?? blockingFor(engine, batch, count / 2, count);
  const rows = roundUp(count, blocking.side);
  const columns = roundUp(dim, blocking.depth);
  const table = { blocking, batch, count, dim, rows, quads: columns / 4 };
  if (rows === count && columns === dim) return { ...table, x: unit };
  const x = engine.make([batch, rows, columns]);
  const size = sizeOf(x.shape);
  engine.run(padKernel, {
    arrays: { a: unit, padded: x },
    parameters: { count, dim, rows, columns, size },
    groups: [Math.ceil(size / 256), 1, 1],
    work: 4 * size,
  });
  return { ...table, x };
}
