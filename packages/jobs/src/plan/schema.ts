/** The shape of plans and of the tasks in them, as schemas: a plan may come over a network, from anyone. */
import { defineEnergy, type Potential } from "@comhe/core";
import * as v from "valibot";
import { canonicalJson } from "../identity/canonical-json.js";

/** Of everything that pieces and plans are named by. A change of what a piece computes needs another. */
export const planVersion = 1;

const text = v.pipe(v.string(), v.maxLength(4096));
const whole = (least: number, most = Number.MAX_SAFE_INTEGER) =>
  v.pipe(v.number(), v.safeInteger(), v.minValue(least), v.maxValue(most));
const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/, "expected 32 hex digits"));
const shape = v.pipe(v.array(whole(1)), v.minLength(1), v.maxLength(16));

const layout = v.union([
  v.picklist(["neurons-first", "neurons-last", "depthwise"]),
  v.strictObject({ neuronAxes: v.pipe(v.array(v.pipe(v.number(), v.integer())), v.minLength(1), v.maxLength(16)) }),
]);

/** A potential as core writes it, defaults filled in: core says which there are, and what they may be. */
const potential = v.custom<Potential>(
  isPotential,
  "expected a potential of this version of @comhe/core, its defaults filled in",
);

function isPotential(value: unknown): boolean {
  try {
    const defined = defineEnergy({ potential: value as Potential }, { warn: () => {} }) as { potential: Potential };
    return canonicalJson(defined.potential) === canonicalJson(value);
  } catch {
    return false;
  }
}

/** An energy of the pairs of a table. */
const pairEnergy = v.strictObject({
  potential,
  space: v.picklist(["full", "half"]),
  separationFloor: v.pipe(v.number(), v.gtValue(0), v.maxValue(1)),
  normEpsilon: v.pipe(v.number(), v.minValue(0)),
});

/** Whether a file is the one that was planned for. */
const fingerprint = v.strictObject({
  /** Of numbers sampled all over the layer, with its shape: what a worker looks at before it computes. */
  sample: hash,
  /** Of all numbers, or of what tells a server's version; null: nothing but the sample is known. */
  whole: v.nullable(v.pipe(v.string(), v.maxLength(256))),
});

/** A model's file, and what it took to read its layers as the plan has them. */
const model = v.strictObject({
  path: text,
  base: v.nullable(text),
  /** Layouts of stored arrays that the user gave, by name. */
  layouts: v.record(text, layout),
});

const fileTable = v.strictObject({
  kind: v.literal("file"),
  model,
  layer: text,
  layout,
  count: whole(1),
  dim: whole(1),
  fingerprint,
});
/** Standard normal numbers, drawn where they are needed: row r is the same on every machine. */
const simulatedTable = v.strictObject({
  kind: v.literal("simulated"),
  seed: whole(0),
  count: whole(1),
  dim: whole(1, 65_536),
});
const table = v.variant("kind", [fileTable, simulatedTable]);

const common = { format: v.literal("comhe-plan"), version: v.literal(planVersion) };

const tablePlan = v.strictObject({
  ...common,
  kind: v.literal("table"),
  table,
  energy: pairEnergy,
  gradient: v.boolean(),
  /** Rows of a block. */
  block: whole(1, 1 << 20),
  /** Column blocks of a strip. */
  strip: whole(1, 1 << 20),
});

const layersPlan = v.strictObject({
  ...common,
  kind: v.literal("layers"),
  models: v.pipe(v.array(model), v.minLength(1), v.maxLength(10_000)),
  /** `AuditSettings` without a time: a clock would give other numbers on other machines. */
  settings: v.strictObject({
    spec: v.looseObject({}),
    projected: v.nullable(v.looseObject({})),
    budget: v.null(),
    pairs: v.nullable(whole(100)),
    seed: whole(0),
  }),
  layers: v.pipe(
    v.array(v.strictObject({ model: whole(0), name: text, shape, layout, fingerprint })),
    v.minLength(1),
    v.maxLength(1_000_000),
  ),
});

const studyPlan = v.strictObject({
  ...common,
  kind: v.literal("study"),
  /** Its name: workers serve the studies they were started for, and load no code that a plan names. */
  study: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,63}$/)),
  /** Digest of the code and the data that the runs depend on. */
  code: v.pipe(v.string(), v.regex(/^[0-9a-f]{8,64}$/)),
  runs: v.pipe(
    v.array(v.strictObject({ key: v.pipe(v.string(), v.regex(/^[\w-]{1,128}$/)), payload: v.unknown() })),
    v.minLength(1),
    v.maxLength(1_000_000),
  ),
});

export const planSchema = v.variant("kind", [tablePlan, layersPlan, studyPlan]);

/** An energy of the pairs of a table. */
export type PairEnergy = v.InferOutput<typeof pairEnergy>;
/** Whether a file is the one that was planned for. */
export type Fingerprint = v.InferOutput<typeof fingerprint>;
/** A model's file as a plan names it. */
export type PlannedModel = v.InferOutput<typeof model>;
/** Where a table's rows come from. */
export type TableSource = v.InferOutput<typeof table>;
/** The energy of one table, in strips of blocks. */
export type TablePlan = v.InferOutput<typeof tablePlan>;
/** The audit of some layers, each a piece. */
export type LayersPlan = v.InferOutput<typeof layersPlan>;
/** Runs of a study, each a piece. */
export type StudyPlan = v.InferOutput<typeof studyPlan>;
/** What is to be done, as plain JSON: the same wherever it is made. */
export type Plan = TablePlan | LayersPlan | StudyPlan;
