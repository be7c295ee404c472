/** Configs to start from, with weights that suit them on this network (examples/digits/tuning.json chose them on other seeds). */
import type { EnergyConfig } from "@comhe/core";

export interface Preset {
  readonly name: string;
  readonly weight: number;
  readonly config: EnergyConfig;
}

export const presets: readonly Preset[] = [
  { name: "no extra regularizer", weight: 0, config: { space: "half" } },
  { name: "half-space MHE", weight: 300, config: { space: "half" } },
  { name: "MHE", weight: 300, config: { space: "full" } },
  {
    name: "random projections (CoMHE)",
    weight: 30,
    config: { space: "half", projection: { kind: "random", dimension: 20, count: 5 } },
  },
  { name: "groups of coordinates", weight: 200, config: { space: "half", projection: { kind: "group", groups: 2 } } },
  {
    name: "sum of distances",
    weight: 100,
    config: { potential: { kind: "riesz", s: -1, distance: "chordal" }, space: "full" },
  },
  { name: "frame potential", weight: 300, config: { potential: { kind: "frame", p: 2 } } },
  { name: "orthogonality", weight: 0.3, config: { objective: { kind: "orthogonality" } } },
];
