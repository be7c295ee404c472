/**
 * How layers change along the depth of a network: for each stack of blocks and each role the score, the share of the rank that chance has, and the share of dead
 * neurons, block by block. From the layers of a report alone, by their names.
 */
import { judgedScore, type LayerAudit } from "../layer/layer-audit.js";
import { chanceRank } from "./head-units.js";
import { placeInNetwork } from "./place-in-network.js";

/** A layer at its depth. */
export interface DepthPoint {
  readonly block: number;
  readonly layer: string;
  readonly score: number | null;
  readonly effectiveRank: number;
  /** Effective rank over that of as many random directions. */
  readonly rankShare: number;
  /** Dead neurons over all. */
  readonly deadShare: number;
  /** Heads of it that are dead or collapsed. */
  readonly lostHeads: number;
}

/** Layers of one role, by depth. */
export interface DepthSeries {
  readonly role: string;
  readonly points: readonly DepthPoint[];
}

/** The blocks of a stack: an encoder's, say. */
export interface DepthStack {
  readonly file: string;
  readonly stack: string;
  /** In their order. */
  readonly blocks: readonly number[];
  readonly series: readonly DepthSeries[];
}

/** Stacks of at least two blocks, in the order of their files. */
export function depthOf(layers: readonly LayerAudit[]): readonly DepthStack[] {
  const stacks = new Map<string, { file: string; stack: string; roles: Map<string, DepthPoint[]> }>();
  for (const layer of layers) {
    const place = placeInNetwork(layer);
    if (place === undefined) continue;
    const key = JSON.stringify([layer.file, place.stack]);
    const stack = stacks.get(key) ?? { file: layer.file, stack: place.stack, roles: new Map() };
    stacks.set(key, stack);
    const points = stack.roles.get(place.role) ?? [];
    points.push(pointOf(layer, place.block));
    stack.roles.set(place.role, points);
  }
  return [...stacks.values()].flatMap(({ file, stack, roles }) => {
    const blocks = [...new Set([...roles.values()].flat().map(({ block }) => block))].sort((a, b) => a - b);
    if (blocks.length < 2) return [];
    const series = [...roles].map(([role, points]) => ({
      role,
      points: points.sort((a, b) => a.block - b.block || (a.layer < b.layer ? -1 : 1)),
    }));
    return [{ file, stack, blocks, series: series.sort((a, b) => rank(a.role) - rank(b.role)) }];
  });
}

const known = ["query", "key", "value", "output", "gate", "up", "down"];
const rank = (role: string) => (known.includes(role) ? known.indexOf(role) : known.length);

function pointOf(layer: LayerAudit, block: number): DepthPoint {
  const living = layer.count - layer.dead - layer.faint;
  const { units } = layer;
  return {
    ...{ block, layer: layer.layer, score: judgedScore(layer), effectiveRank: layer.effectiveRank },
    rankShare: living === 0 ? 0 : layer.effectiveRank / chanceRank(living, layer.dim),
    deadShare: layer.dead / layer.count,
    lostHeads: units === null ? 0 : units.dead.length + units.collapsed.length,
  };
}
