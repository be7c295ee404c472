/**
 * Experts of a mixture side by side. Each is a layer with an audit of its own; what that can't say is how alike neurons of different experts are, and whether one
 * expert repeats another, as in mixtures that began as copies of one network.
 */
import {
  type Backend,
  type FloatArray,
  type PotentialSpec,
  pairStatistics,
  toNeurons,
  uniformEnergy,
} from "@comhe/core";
import { type LayerSource, readNeurons } from "@comhe/models";
import type { LayerAudit } from "../layer/layer-audit.js";
import { unitRows } from "../layer/unit-rows.js";
import { meanPotential, pairsOf, selfPotential, sumOfPairs } from "./pair-sums.js";
import { roleOf } from "./place-in-network.js";

/** The experts of a mixture side by side: the matrices that do the same in each expert of one block. Plain JSON. */
export interface ExpertMixture {
  /** The model's path. */
  readonly file: string;
  /** The layers' name, with `*` for the expert's number. */
  readonly name: string;
  /** What the matrices do in each expert: "up", "down", "gate", … */
  readonly role: string | null;
  /** The numbers of the experts, in increasing order. */
  readonly experts: readonly number[];
  /** How many neurons of each expert were looked at: those of the same numbers in all of them. */
  readonly neurons: number;
  /** Whether those are only some of each expert's neurons. */
  readonly sampled: boolean;
  /** Mean potential of pairs of living neurons of one expert; `null` without pairs, and with normEpsilon above 0. */
  readonly within: number | null;
  /** Mean potential of pairs of living neurons of different experts; `null` without pairs, and with normEpsilon above 0. */
  readonly between: number | null;
  /** Mean potential of uniformly random pairs; `null` where it isn't finite. */
  readonly random: number | null;
  /** The two experts most alike: the mean cosine of neurons of the same number; `null` where no two have living neurons in common. */
  readonly alike: {
    /** The number of the first expert. */
    readonly a: number;
    /** The number of the second expert. */
    readonly b: number;
    /** The mean cosine of their neurons of the same number. */
    readonly cosine: number;
  } | null;
  /** The numbers of the experts none of whose neurons live. */
  readonly dead: readonly number[];
}

/** A layer that is an expert's, and how it is called without the expert's number. */
export interface ExpertPlace {
  readonly name: string;
  readonly expert: number;
}

/** `…experts.3.w1.weight`, `…ffn_up_exps.weight [expert 3]`, `…experts.expert_3.wi.weight`. */
const numbered = /(?<![a-z])experts?[._/ ](?:expert_)?(\d{1,6})(?=[\]., _/]|$)/i;

/** By its name, in which formats and readers put the expert's number. */
export function expertPlace(layer: string): ExpertPlace | undefined {
  const found = numbered.exec(layer);
  if (!found) return undefined;
  const end = found.index + found[0].length;
  return {
    name: `${layer.slice(0, end - found[1]!.length)}*${layer.slice(end)}`,
    expert: Number(found[1]),
  };
}

/** Neurons of all experts of a mixture that are compared with each other: a quarter of a second's work where they have 4,096 inputs. */
const mostNeurons = 2048;

type Expert = ExpertPlace & { readonly layer: LayerSource; readonly audit: LayerAudit };

/** Mixtures of at least two experts of one shape, in the file's order. */
export function mixturesOf(
  layers: readonly LayerSource[],
  audits: readonly LayerAudit[],
): readonly (readonly Expert[])[] {
  const byName = new Map(audits.map((audit) => [audit.layer, audit]));
  const mixtures = new Map<string, Expert[]>();
  for (const layer of layers) {
    const audit = byName.get(layer.name);
    const place = expertPlace(layer.name);
    if (!audit || !place) continue;
    const key = JSON.stringify([place.name, audit.count, audit.dim]);
    const mixture = mixtures.get(key);
    if (mixture) mixture.push({ ...place, layer, audit });
    else mixtures.set(key, [{ ...place, layer, audit }]);
  }
  return [...mixtures.values()].filter((mixture) => mixture.length > 1);
}

/** @param tick awaited between experts; what it throws ends it */
export async function mixtureUnits<A>(
  backend: Backend<A>,
  mixture: readonly Expert[],
  spec: PotentialSpec,
  tick: () => Promise<void>,
): Promise<ExpertMixture> {
  const experts = [...mixture].sort((a, b) => a.expert - b.expert);
  const [{ audit }] = experts as [Expert];
  const { count, dim } = audit;
  const wanted = Math.min(count, Math.max(1, Math.floor(mostNeurons / experts.length)));
  const chosen = Int32Array.from({ length: wanted }, (_, n) => Math.floor((n * count) / wanted));
  const rows = new Float32Array(experts.length * wanted * dim);
  for (const [n, { layer }] of experts.entries()) {
    rows.set(await rowsOf(layer, chosen), n * wanted * dim);
    await tick();
  }
  const { unit, live } = unitRows(rows, experts.length * wanted, dim);
  const ofExpert = experts.map((_, n) => living(live, n * wanted, wanted));
  const energies = [spec] as const;
  const own = await selfPotential(backend, spec);
  const sumOver = async (places: readonly number[]) => {
    if (places.length < 2) return 0;
    const data = new Float32Array(places.length * dim);
    places.forEach((row, n) => void data.set(unit.subarray(row * dim, (row + 1) * dim), n * dim));
    const found = await pairStatistics(backend, { data, shape: [places.length, dim] }, { energies });
    await tick();
    return sumOfPairs(found.energies[0]!, places.length, spec.space, own);
  };
  const all = ofExpert.flat();
  const pairsWithin = ofExpert.reduce((sum, { length }) => sum + pairsOf(length), 0);
  const pairsBetween = pairsOf(all.length) - pairsWithin;
  let within = 0;
  for (const places of ofExpert) within += await sumOver(places);
  const between = pairsBetween > 0 ? (await sumOver(all)) - within : 0;
  const bare = spec.normEpsilon === 0;
  const random = uniformEnergy(spec.potential, "full", 2, dim);
  return {
    ...{ file: audit.file, name: experts[0]!.name, role: roleOf(audit) ?? null },
    experts: experts.map(({ expert }) => expert),
    ...{ neurons: wanted, sampled: wanted < count },
    within: bare && pairsWithin > 0 ? meanPotential(within, pairsWithin, spec.space) : null,
    between: bare && pairsBetween > 0 ? meanPotential(between, pairsBetween, spec.space) : null,
    random: Number.isFinite(random) ? random : null,
    alike: mostAlike(unit, live, experts, wanted, dim),
    dead: experts.filter(({ audit: { dead, count: each } }) => dead === each).map(({ expert }) => expert),
  };
}

async function rowsOf(layer: LayerSource, chosen: Int32Array): Promise<FloatArray> {
  if (layer.readPart) return readNeurons(layer, chosen);
  const { data, dim } = toNeurons({ data: await layer.read(), shape: layer.shape, layout: layer.layout });
  const rows = new Float32Array(chosen.length * dim);
  chosen.forEach((row, n) => void rows.set(data.subarray(row * dim, (row + 1) * dim), n * dim));
  return rows;
}

const living = (live: Uint8Array, from: number, count: number): number[] =>
  Array.from({ length: count }, (_, n) => from + n).filter((row) => live[row] === 1);

function mostAlike(
  unit: FloatArray,
  live: Uint8Array,
  experts: readonly Expert[],
  neurons: number,
  dim: number,
): ExpertMixture["alike"] {
  let found: ExpertMixture["alike"] = null;
  for (let a = 0; a < experts.length; a++) {
    for (let b = a + 1; b < experts.length; b++) {
      let [sum, common] = [0, 0];
      for (let n = 0; n < neurons; n++) {
        const [row, other] = [a * neurons + n, b * neurons + n];
        if (live[row] !== 1 || live[other] !== 1) continue;
        common++;
        for (let k = 0; k < dim; k++) sum += unit[row * dim + k]! * unit[other * dim + k]!;
      }
      const cosine = Math.max(-1, Math.min(1, sum / common));
      if (common > 0 && (found === null || cosine > found.cosine)) {
        found = { a: experts[a]!.expert, b: experts[b]!.expert, cosine };
      }
    }
  }
  return found;
}
