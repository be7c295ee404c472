/** Plans, made from what a caller has. */
import { type AuditSettings, auditSettings } from "@comhe/audit";
import { defineEnergy, type EnergyConfig, type EnergySpec, neuronAxes } from "@comhe/core";
import { EnergyError, type Layout } from "@comhe/core/layouts";
import type { LayerSource, ModelContents } from "@comhe/models";
import { sampleFingerprint } from "../source/fingerprint.js";
import { checkPlan } from "./check-plan.js";
import {
  type Fingerprint,
  type LayersPlan,
  type PlannedModel,
  planVersion,
  type StudyPlan,
  type TablePlan,
} from "./schema.js";

/** Options of {@link planTable}. */
export interface TableOptions {
  /** Whether the gradient is computed as well, for which each pair of blocks is met twice. Default false: the energy alone. */
  readonly gradient?: boolean | undefined;
  /** How many rows a block has. Default 4096. */
  readonly block?: number | undefined;
  /** How many column blocks a strip has, at most. Default: so many that a piece has some 40 billion multiplications, seconds of a core. */
  readonly strip?: number | undefined;
}

/** A layer of an opened model, with what tells its file from others. */
export interface LayerAt {
  /** The model's file. */
  readonly model: PlannedModel;
  /** The layer. */
  readonly layer: LayerSource;
  /** What tells the layer's numbers from others: {@link fingerprintOf} takes it. */
  readonly fingerprint: Fingerprint;
}

/** A table of normal random numbers that nobody stored: any machine draws its rows by itself. */
export interface SimulatedTable {
  /** A whole number ≥ 0 that fixes the numbers. */
  readonly seed: number;
  /** N: the number of rows. */
  readonly count: number;
  /** d: the length of a row. */
  readonly dim: number;
}

/** Multiplications of a piece, unless the caller says how many blocks a strip has: seconds of a core. */
const workOfPiece = 4e10;

/**
 * Plans the energy of one table, exactly, in strips of blocks of rows.
 *
 * @param config an energy of pairs without projection
 * @param table a layer of a model, or a table that is drawn at random
 * @throws EnergyError `invalid-config` for a wrong config; `unsupported` for a projection, an objective, or a `separationFloor` of 0
 */
export function planTable(
  config: EnergyConfig | EnergySpec,
  table: LayerAt | SimulatedTable,
  { gradient = false, block = 4096, strip }: TableOptions = {},
): TablePlan {
  const spec = defineEnergy(config, { warn: () => {} });
  if (!spec.potential || !("kind" in spec.projection) || spec.projection.kind !== "none") {
    throw new EnergyError(
      "unsupported",
      "expected an energy of pairs without projection: a table's pieces are pairs of its rows. Project the rows first.",
      { path: "projection" },
    );
  }
  const { potential, space, separationFloor, normEpsilon } = spec;
  if (separationFloor === 0) {
    throw new EnergyError(
      "unsupported",
      "expected separationFloor above 0, got 0: a piece can't name rows of another piece.",
      {
        path: "separationFloor",
      },
    );
  }
  const source =
    "layer" in table
      ? {
          kind: "file" as const,
          model: table.model,
          layer: table.layer.name,
          layout: plainLayout(table.layer.layout),
          ...sizesOf(table.layer),
          fingerprint: table.fingerprint,
        }
      : { kind: "simulated" as const, seed: table.seed, count: table.count, dim: table.dim };
  const perBlock = Math.min(block, source.count) ** 2 * source.dim;
  return checkPlan({
    format: "comhe-plan",
    version: planVersion,
    kind: "table",
    table: source,
    energy: { potential: { ...potential }, space, separationFloor, normEpsilon },
    gradient,
    block: Math.min(block, source.count),
    strip: strip ?? Math.max(1, Math.min(1024, Math.floor(workOfPiece / perBlock))),
  }) as TablePlan;
}

const sizesOf = ({ shape, layout }: LayerSource) => {
  const { count, dim } = neuronAxes(shape, layout);
  return { count, dim };
};

/** Plain and mutable, as JSON has it. */
const plainLayout = (layout: Layout) => (typeof layout === "string" ? layout : { neuronAxes: [...layout.neuronAxes] });

/**
 * Plans the audit of some layers, each of which is a piece.
 *
 * @throws EnergyError `unsupported` for settings with a time: a clock would give other numbers on other machines
 */
export function planLayers(
  layers: readonly LayerAt[],
  settings: AuditSettings = auditSettings(undefined, { budget: null }),
): LayersPlan {
  if (settings.budget !== null) {
    throw new EnergyError(
      "unsupported",
      "a time for each layer gives other numbers on other machines: ask for all pairs (budget none) or for a number of pairs.",
      { path: "budget" },
    );
  }
  const models = [...new Set(layers.map(({ model }) => model))];
  return checkPlan(
    JSON.parse(
      JSON.stringify({
        format: "comhe-plan",
        version: planVersion,
        kind: "layers",
        models,
        settings,
        layers: layers.map(({ model, layer, fingerprint }) => ({
          model: models.indexOf(model),
          name: layer.name,
          shape: layer.shape,
          layout: layer.layout,
          fingerprint,
        })),
      }),
    ),
  ) as LayersPlan;
}

/**
 * Plans the runs of a study, each of which is a piece.
 *
 * @param study the study's name
 * @param code a digest of the code and the data that the runs depend on
 */
export function planStudy(study: string, code: string, runs: StudyPlan["runs"]): StudyPlan {
  return checkPlan({ format: "comhe-plan", version: planVersion, kind: "study", study, code, runs }) as StudyPlan;
}

/**
 * The fingerprint of a layer: of a sample of its numbers, and of what else is known of it.
 *
 * @param whole what tells this version from any other, where the caller has it: a digest of the file. Default: the server's version
 */
export async function fingerprintOf(contents: ModelContents, layer: LayerSource, whole?: string): Promise<Fingerprint> {
  const version = contents.version === undefined ? null : `version:${contents.version}`;
  return { sample: await sampleFingerprint(layer), whole: whole ?? version };
}
