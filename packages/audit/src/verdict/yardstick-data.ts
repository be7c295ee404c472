/**
 * Written by `npm run yardstick --workspace=examples/audit-gallery`: percentiles of the scores of distinct layers
 * of real models in half space at s = 2, those of their living neurons without copies, grouped by their dimension, `from` on.
 */
export const yardstick = {
  files: 35,
  layers: 832,
  fewestNeurons: 8,
  groups: [
    {
      from: 2,
      layers: 178,
      scores: [
        [5, 1.6],
        [10, 1.8],
        [25, 2.7],
        [50, 7.4],
        [75, 19],
        [90, 64],
        [95, 250],
      ],
    },
    {
      from: 10,
      layers: 170,
      scores: [
        [5, 0.97],
        [10, 1.2],
        [25, 1.8],
        [50, 3.3],
        [75, 6.5],
        [90, 66],
        [95, 210],
      ],
    },
    {
      from: 40,
      layers: 242,
      scores: [
        [5, 0.98],
        [10, 1.3],
        [25, 2.1],
        [50, 3.2],
        [75, 4.4],
        [90, 8.4],
        [95, 20],
      ],
    },
    {
      from: 160,
      layers: 186,
      scores: [
        [5, 1],
        [10, 1.7],
        [25, 2.2],
        [50, 3.6],
        [75, 7.3],
        [90, 14],
        [95, 27],
      ],
    },
    {
      from: 640,
      layers: 56,
      scores: [
        [5, 1.3],
        [10, 1.7],
        [25, 3.3],
        [50, 8.2],
        [75, 23],
        [90, 78],
        [95, 180],
      ],
    },
  ],
} as const;
