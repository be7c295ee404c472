/**
 * How layers change along the depth of a network: for each stack of blocks and each role the score, the share of the rank that chance has, and the share of dead
 * neurons, block by block. From the layers of a report alone, by their names.
 */
import { judgedScore, type LayerAudit } from "../layer/layer-audit.js";
import { chanceRank } from "./head-units.js";
import { placeInNetwork } from "./place-in-network.js";

/** A layer at its depth in the network. */
export interface DepthPoint {
  /** The number of the block that the layer is in. */
  readonly block: number;
  /** The layer's name. */
  readonly layer: string;
  /** The score of its living neurons; `null` where it has none. */
  readonly score: number | null;
  /** How many dimensions its directions fill evenly. */
  readonly effectiveRank: number;
  /** Its effective rank as a multiple of that of as many random directions. */
  readonly rankShare: number;
  /** The share of its neurons that are dead, from 0 to 1. */
  readonly deadShare: number;
  /** How many of its heads are dead or collapsed. */
  readonly lostHeads: number;
}

/** Layers of one role, by depth. */
export interface DepthSeries {
  /** What the layers do in their blocks: "query", "up", … */
  readonly role: string;
  /** The layers, in the order of their blocks. */
  readonly points: readonly DepthPoint[];
}

/** The blocks of a stack: an encoder's, say. */
export interface DepthStack {
  /** The model's path. */
  readonly file: string;
  /** What holds the blocks in the layers' names: "model.layers", "encoder.layer". */
  readonly stack: string;
  /** The numbers of the blocks, in increasing order. */
  readonly blocks: readonly number[];
  /** The layers of each role, by depth. */
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
