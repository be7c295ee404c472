/** Which inputs of a packed matrix share a scale: neighbours, or those that an index says. */
import { EnergyError } from "@comhe/core/layouts";
import { readAll } from "../../tensors/part-reader.js";
import type { NumberArray, StoredTensor } from "../../tensors/stored-tensor.js";

/**
 * How many neighbours share a scale; the last group may be shorter where the configuration says how long they are.
 *
 * @returns `undefined` where it can't be told
 */
export function lengthOfGroups(inputs: number, groups: number, stated: number | undefined): number | undefined {
  if (stated !== undefined && stated > 0 && Math.ceil(inputs / stated) === groups) return stated;
  return groups >= 1 && inputs % groups === 0 ? inputs / groups : undefined;
}

/**
 * The group of each input (`g_idx`).
 *
 * @throws EnergyError `invalid-file` for a group that isn't there: it would give numbers out of nothing
 */
export async function readGroups(groupOf: StoredTensor, groups: number): Promise<NumberArray> {
  const found = await readAll(groupOf);
  for (const [k, group] of found.entries()) {
    if (group >= 0 && group < groups) continue;
    throw new EnergyError(
      "invalid-file",
      `${groupOf.name}: input ${k} is of group ${group}; expected one of ${groups}. The file is damaged; fetch it again.`,
    );
  }
  return found;
}
