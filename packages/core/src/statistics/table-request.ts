/** What may be asked of a table's pairs, and a check at the door: nothing is computed for a request that makes no sense. */
import type { CosinesAbout, StatisticsRequest } from "../backend/statistics.js";
import { checkKeys } from "../errors/check-keys.js";
import { EnergyError } from "../errors/energy-error.js";

/** What {@link pairStatistics} is to find in a table. What is left out isn't computed. */
export interface TableRequest extends StatisticsRequest {
  /** ε ≥ 0 of ρ_i = √(‖w_i‖² + ε), by which each row w_i is divided to give its direction. Default 0. */
  readonly normEpsilon?: number | undefined;
}

/** Bins of the angle, and pairs that are kept, at most. */
const [mostBins, mostSimilar] = [4096, 65_536];

/** @throws EnergyError `invalid-config` naming the member */
export function checkRequest(request: TableRequest): void {
  checkKeys("pairStatistics", request, [
    ...["energies", "shareOf", "about", "angleBins", "nearest", "similar", "within", "tick", "normEpsilon"],
  ]);
  const { energies = [], shareOf, angleBins, nearest, similar, within, normEpsilon = 0 } = request;
  const isWhole = (value: unknown, least: number, most: number) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
  const demand = (holds: boolean, path: string, expected: string, got: unknown) => {
    if (holds) return;
    const shown = typeof got === "number" ? got : (JSON.stringify(got) ?? "nothing");
    throw new EnergyError("invalid-config", `pairStatistics: ${path}: expected ${expected}, got ${shown}.`, { path });
  };
  const isSpace = (space: unknown) => space === "full" || space === "half";
  demand(Array.isArray(energies), "energies", "a list of energies of pairs", energies);
  energies.forEach((pair, n) => {
    demand(isSpace(pair?.space), `energies[${n}].space`, '"full" or "half"', pair?.space);
    demand(pair.separationFloor >= 0, `energies[${n}].separationFloor`, "a chord ≥ 0", pair.separationFloor);
  });
  if (shareOf !== undefined) {
    demand(isWhole(shareOf, 0, energies.length - 1), "shareOf", "the index of one of the energies", shareOf);
  }
  if (angleBins !== undefined) {
    demand(isWhole(angleBins, 1, mostBins), "angleBins", `a whole number from 1 to ${mostBins}`, angleBins);
  }
  if (nearest !== undefined) demand(isSpace(nearest), "nearest", '"full" or "half"', nearest);
  if (similar !== undefined) {
    const { limit, space } = similar;
    demand(isWhole(limit, 1, mostSimilar), "similar.limit", `a whole number from 1 to ${mostSimilar}`, limit);
    demand(isSpace(space), "similar.space", '"full" or "half"', space);
  }
  if (within !== undefined) {
    const { chord, space } = within;
    demand(chord >= 0 && chord <= 2, "within.chord", "a chord from 0 to 2", chord);
    demand(isSpace(space), "within.space", '"full" or "half"', space);
  }
  demand(normEpsilon >= 0 && Number.isFinite(normEpsilon), "normEpsilon", "a number ≥ 0", normEpsilon);
}

/** @throws EnergyError `invalid-config` where `about` isn't of as many rows as the table has */
export function checkAbout(about: CosinesAbout | undefined, count: number): void {
  for (const name of ["own", "other", "offset"] as const) {
    const numbers = about?.[name];
    if (about === undefined || (numbers?.length === count && numbers.every(Number.isFinite))) continue;
    throw new EnergyError(
      "invalid-config",
      `pairStatistics: about.${name}: expected ${count} finite numbers, one for each row, got ${numbers?.length ?? "nothing"}${numbers?.length === count ? " with NaN or infinities" : ""}.`,
      { path: `about.${name}` },
    );
  }
}
