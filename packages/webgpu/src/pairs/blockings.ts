/** Which tiles are taken: a small table, by what the device has and by how many rows there are. */
import type { Engine } from "../device/engine.js";
import { type Blocking, threadsOf, workgroupBytes } from "../kernels/blocking.js";

/**
 * From the largest on. A tile of 128 takes a number from global memory for 64 pairs' products, one of 64 for 32; small sets fill more
 * multiprocessors with small tiles.
 */
export const blockings: readonly (Blocking & {
  readonly fewestTiles: number;
  /** Where threads are loops on a CPU. */
  readonly fewestInSoftware?: number;
})[] = [
  { side: 128, per: 8, depth: 8, fewestTiles: 512 },
  { side: 64, per: 8, depth: 16, fewestTiles: 64, fewestInSoftware: 8 },
  { side: 64, per: 4, depth: 16, fewestTiles: 0 },
];

/** @param entries that `rows`×`columns` results lie in a batch */
export function blockingFor(engine: Engine, entries: number, rows: number, columns: number): Blocking {
  const { maxComputeInvocationsPerWorkgroup: threads, maxComputeWorkgroupStorageSize: bytes } = engine.device.limits;
  const { inSoftware } = engine;
  const fits = blockings.filter((each) => threadsOf(each) <= threads && workgroupBytes(each) <= bytes);
  const tiles = ({ side }: Blocking) => entries * Math.ceil(rows / side) * Math.ceil(columns / side);
  return (
    fits.find((each) => tiles(each) >= ((inSoftware ? each.fewestInSoftware : undefined) ?? each.fewestTiles)) ??
    fits.at(-1)!
  );
}
