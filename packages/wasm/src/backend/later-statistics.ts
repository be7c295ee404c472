/**
 * Statistics of pairs, loaded when somebody asks for some: what puts them together and their kernels are a chunk of its own in this package and
 * in an application that is built from it, since most pages need no statistics.
 */
import type { PairStatistics, StatisticsRequest } from "@comhe/core";
import { EnergyError } from "@comhe/core/pair-functions";
import type { Context } from "./context.js";
import type { WasmDirections } from "./directions.js";

export async function statistics(
  context: Context,
  directions: WasmDirections,
  request: StatisticsRequest,
): Promise<readonly PairStatistics[]> {
  const { arrays } = context;
  // Before the first `await`: whoever called may end its scope then.
  const unit = arrays.detach(arrays.alias(directions.unit));
  const inverses = arrays.detach(arrays.alias(directions.inverses));
  try {
    const { takeStatistics } = await load();
    return await takeStatistics(context, { ...directions, unit, inverses }, request);
  } finally {
    arrays.free(unit);
    arrays.free(inverses);
  }
}

async function load() {
  try {
    return await import("./statistics.js");
  } catch (error) {
    throw new EnergyError(
      "unsupported",
      "wasmBackend: the part of @comhe/wasm that statistics of pairs need couldn't be loaded. Serve all chunks that the build of this " +
        `application wrote, also those that it imports later. (${(error as Error).message})`,
      {},
      error,
    );
  }
}
