/** What is measured. */
import { defineEnergy, type EnergySpec, type ProjectionInput, type Space } from "@comhe/core";
import { makeLayer, type Task } from "./task.js";

/** A task by name: made when its turn comes, here or in the process that measures its memory. */
export interface Case {
  /** As `--cases` selects it: `256x2304-half-s2`. */
  readonly id: string;
  readonly title: string;
  /** Half space at s = 2, or a projection: gets more time than the variations around it. */
  readonly headline: boolean;
  make(): Task;
}

export interface PairwiseCase extends Case {
  readonly count: number;
  readonly dim: number;
  readonly space: Space;
  readonly s: number;
}

function energy(space: Space, s: number, projection: ProjectionInput = { kind: "none" }): EnergySpec {
  return defineEnergy({ potential: { kind: "riesz", s }, space, projection });
}

export function pairwiseCase(count: number, dim: number, space: Space, s: number): PairwiseCase {
  const title = `${count}×${dim}, ${space} space, s = ${s}`;
  return {
    id: `${count}x${dim}-${space}-s${s}`,
    title,
    headline: space === "half" && s === 2,
    count,
    dim,
    space,
    s,
    make: () => ({ title, seed: 7, layers: [makeLayer("rows", count, dim, energy(space, s))] }),
  };
}

export const sizes = [
  [64, 576],
  [256, 2304],
  [1024, 512],
  [4096, 512],
  [16384, 256],
] as const;

/** Of a size, the headline first: what is too slow for it is too slow for its variations. */
export const pairwiseCases: readonly PairwiseCase[] = sizes.flatMap(([count, dim]) =>
  (["half", "full"] as const).flatMap((space) => [2, 1, 0].map((s) => pairwiseCase(count, dim, space, s))),
);

function random(refresh: number): ProjectionInput {
  return { kind: "random", dimension: 40, count: 20, refresh };
}

function randomCase(count: number, dim: number, refresh: number): Case {
  const title = `random k = 40, C = 20, ${count}×${dim}, matrices ${refresh === 0 ? "kept" : "redrawn each step"}`;
  return {
    id: `random-${count}x${dim}-${refresh === 0 ? "kept" : "redrawn"}`,
    title,
    headline: true,
    make: () => ({ title, seed: 7, layers: [makeLayer("rows", count, dim, energy("half", 2, random(refresh)))] }),
  };
}

export const randomCases: readonly Case[] = [
  randomCase(256, 2304, 0),
  randomCase(256, 2304, 1),
  randomCase(1024, 4608, 0),
  randomCase(1024, 4608, 1),
];

/** Nine 3×3 convolutions, by filters and input channels: the paper's network for CIFAR-100 (Lin et al. 2020, table 1). */
const paperNetwork = [
  [64, 3],
  [64, 64],
  [64, 64],
  [128, 64],
  [128, 128],
  [128, 128],
  [256, 128],
  [256, 256],
  [256, 256],
] as const;

function networkCase(id: string, what: string, projection: ProjectionInput): Case {
  const title = `nine layers of the paper's network, ${what}`;
  return {
    id: `network-${id}`,
    title,
    headline: true,
    make: () => ({
      title,
      seed: 7,
      layers: paperNetwork.map(([filters, channels], index) =>
        // As the authors do, the first layer, of dimension 27, isn't projected.
        makeLayer(
          `conv${index}`,
          filters,
          9 * channels,
          energy("half", 2, channels === 3 ? { kind: "none" } : projection),
        ),
      ),
    }),
  };
}

export const networkCases: readonly Case[] = [
  networkCase("half", "half-space MHE", { kind: "none" }),
  networkCase("random", "random CoMHE, k = 40, C = 20, redrawn each step", random(1)),
];

/** N doubled four times at fixed d, d doubled three times at fixed N. */
export const growthSweeps = {
  count: [256, 512, 1024, 2048, 4096].map((count) => pairwiseCase(count, 256, "half", 2)),
  dim: [256, 512, 1024, 2048].map((dim) => pairwiseCase(1024, dim, "half", 2)),
};

export const memoryCases: readonly Case[] = [
  pairwiseCase(4096, 512, "half", 2),
  pairwiseCase(16384, 256, "half", 2),
  randomCase(1024, 4608, 0),
];

export function findCase(id: string): Case {
  const found = [...pairwiseCases, ...randomCases, ...networkCases, ...memoryCases].find((each) => each.id === id);
  if (!found) throw new Error(`No case ${id}.`);
  return found;
}

/** Training steps whose cost is measured: `parts/cost.ts`. */
export const costCases = [
  { id: "digits" },
  { id: "fashion" },
  { id: "embeddings-4096x128" },
  { id: "embeddings-200x8" },
] as const;
