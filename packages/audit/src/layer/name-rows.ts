/** Puts names on the rows that a report lists: tokens of a vocabulary, labels of classes, where the model has any. */
import type { LayerSource } from "@comhe/models";
import type { CopyGroup } from "./near-copies.js";
import type { RowHealth, RowList } from "./row-health.js";

/** Long tokens are cut: a report shows them, it doesn't store them. */
const longestName = 60;

/**
 * The lists with the names of their rows. Names that can't be read are left out: they are an extra.
 *
 * @param count rows of the file
 */
export async function nameRows(
  layer: LayerSource,
  count: number,
  groups: readonly CopyGroup[],
  health: RowHealth,
): Promise<{ groups: readonly CopyGroup[]; health: RowHealth }> {
  const listed = [...groups, ...Object.values(health)].some(({ rows }) => rows.length > 0);
  const names = listed ? await namesOf(layer, count) : undefined;
  const named = <T extends { readonly rows: readonly number[]; readonly names: readonly string[] | null }>(
    list: T,
  ): T => ({
    ...list,
    names: names && list.rows.length > 0 ? list.rows.map((row) => shorten(names[row]!)) : null,
  });
  const entries = Object.entries(health).map(([key, list]) => [key, named(list as RowList)]);
  return { groups: groups.map(named), health: Object.fromEntries(entries) as RowHealth };
}

/** Names of all rows; `undefined` where there are none, or they can't be read. */
export async function namesOf(layer: LayerSource, count: number): Promise<readonly string[] | undefined> {
  try {
    const names = await layer.rowNames?.();
    return names?.length === count ? names : undefined;
  } catch {
    return undefined;
  }
}

export function shorten(name: string): string {
  const letters = [...name];
  return letters.length <= longestName ? name : `${letters.slice(0, longestName - 1).join("")}…`;
}
