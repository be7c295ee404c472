/** The shape of a report, from which `report.schema.json` is written. Strict: a key that isn't here is found by the test. */
import { z } from "zod";
import { comparisonKinds, rules } from "../src/index.js";
import { saysOf } from "../src/text/columns.js";

const count = z.int().min(0);
const number = z.number();
const share = number.min(0).max(1);
const names = z.array(z.string()).nullable();
const rowList = z.strictObject({ count, rows: z.array(count).max(50), names });

const layer = z.strictObject({
  file: z.string(),
  layer: z.string(),
  kind: z.string(),
  role: z.string().nullable(),
  readBy: z.string().nullable(),
  dataType: z.string(),
  shape: z.array(z.int().min(1)),
  neuronAxes: z.array(count),
  count,
  dim: count,
  energyFull: number,
  energyHalf: number,
  interval: z.tuple([number, number]).nullable(),
  method: z.string(),
  projected: number.nullable(),
  best: number.nullable(),
  bestIs: z.enum(["attained", "bound"]).nullable(),
  random: number,
  randomSpread: number,
  score: number.nullable(),
  scoreSpread: number.nullable(),
  meanCosine: share,
  centredCosine: share.nullable(),
  isotropy: share.nullable(),
  stableRank: number.min(0),
  energyShares: z.array(z.strictObject({ row: count, name: z.string().nullable(), share })).max(5),
  maxCosine: share,
  nearest: z.array(
    z.strictObject({
      a: count,
      b: count,
      cosine: number.min(-1).max(1),
      names: z.tuple([z.string(), z.string()]).nullable(),
    }),
  ),
  duplicates: count,
  effectiveRank: number.min(0),
  angles: z.array(number.min(0)).length(90),
  lowerBounds: z.array(z.enum(["maxCosine", "nearest", "duplicates", "dead", "faint"])),
  estimates: z.array(
    z.enum(["meanCosine", "effectiveRank", "angles", "centredCosine", "isotropy", "stableRank", "projected"]),
  ),
  dead: count,
  faint: count,
  livingScore: number.nullable(),
  livingSpread: number.nullable(),
  livingInterval: z.tuple([number, number]).nullable(),
  distinctScore: number.nullable(),
  percentile: z.literal([5, 10, 25, 50, 75, 90, 95]).nullable(),
  groupCount: count,
  groups: z.array(z.strictObject({ size: z.int().min(2), rows: z.array(count).max(20), names })).max(20),
  units: z
    .strictObject({
      kind: z.literal("head"),
      count,
      size: count,
      along: z.enum(["neurons", "inputs"]),
      queries: count,
      source: z.string(),
      heads: z.array(
        z.strictObject({
          head: count,
          living: count,
          norm: number.min(0),
          effectiveRank: number.min(0),
          energy: number.nullable(),
        }),
      ),
      within: number.nullable(),
      between: number.nullable(),
      dead: z.array(count),
      collapsed: z.array(count),
    })
    .nullable(),
  health: z.strictObject({
    dead: rowList,
    faint: rowList,
    exploding: rowList,
    constant: rowList,
    nan: rowList,
    infinite: rowList,
  }),
  findings: z.array(
    z.strictObject({
      rule: z.enum(rules.map(({ name }) => name) as [string, ...string[]]),
      count,
      text: z.string(),
    }),
  ),
  heatMap: z
    .strictObject({ size: count, cosines: z.array(number) })
    .nullable()
    .optional(),
  digest: z.string().nullable(),
  sameAs: z.string().nullable(),
  note: z.string().nullable(),
  readMilliseconds: number,
  milliseconds: number,
});

/** A spec is core's: `comhe schema` prints its schema. */
const spec = z.record(z.string(), z.unknown());

/** What the columns are stands in the schema, too. */
export const layerSchema = z.strictObject(
  Object.fromEntries(
    Object.entries(layer.shape).map(([key, type]) => {
      const says = saysOf(key);
      return [key, says === undefined ? type : (type as z.ZodType).describe(says)];
    }),
  ) as typeof layer.shape,
);

export const reportSchema = z.strictObject({
  version: z.literal(2),
  settings: z.strictObject({
    spec,
    projected: spec.nullable(),
    budget: number.nullable(),
    pairs: number.nullable(),
    seed: count,
  }),
  // What `comhe audit --format json` repeats from `settings`, for readers of its first version.
  spec: spec.optional(),
  projection: z.unknown().optional(),
  seed: count.optional(),
  interrupted: z.boolean(),
  milliseconds: number,
  readMilliseconds: number,
  verdicts: z.array(
    z.strictObject({
      file: z.string(),
      sound: z.boolean(),
      findings: z.record(z.string(), count),
      lines: z.tuple([z.string(), z.string(), z.string()]),
    }),
  ),
  depth: z.array(
    z.strictObject({
      file: z.string(),
      stack: z.string(),
      blocks: z.array(count),
      series: z.array(
        z.strictObject({
          role: z.string(),
          points: z.array(
            z.strictObject({
              block: count,
              layer: z.string(),
              score: number.nullable(),
              effectiveRank: number.min(0),
              rankShare: number.min(0),
              deadShare: share,
              lostHeads: count,
            }),
          ),
        }),
      ),
    }),
  ),
  mixtures: z.array(
    z.strictObject({
      file: z.string(),
      name: z.string(),
      role: z.string().nullable(),
      experts: z.array(count).min(2),
      neurons: count,
      sampled: z.boolean(),
      within: number.nullable(),
      between: number.nullable(),
      random: number.nullable(),
      alike: z.strictObject({ a: count, b: count, cosine: number.min(-1).max(1) }).nullable(),
      dead: z.array(count),
    }),
  ),
  layers: z.array(layerSchema),
  failed: z.array(
    z.strictObject({
      file: z.string(),
      layer: z.string().nullable(),
      problem: z.string(),
      code: z.string(),
      rest: layerSchema.optional(),
    }),
  ),
  skipped: z.array(
    z.strictObject({
      file: z.string(),
      name: z.string(),
      shape: z.array(count),
      dataType: z.string(),
      reason: z.string(),
    }),
  ),
  notes: z.array(z.strictObject({ file: z.string(), note: z.string() })),
});

const change = z.strictObject({
  before: z.string(),
  after: z.string(),
  unchanged: z.boolean(),
  changedRows: count,
  mostChanged: z.array(count).max(5),
  size: number.min(0).nullable(),
  cosine: number.min(-1).max(1).nullable(),
  effectiveRank: number.min(0),
  directions: count.nullable(),
  sampled: z.boolean(),
});

/** The shape of a comparison, from which `compare.schema.json` is written. */
export const comparisonSchema = z.strictObject({
  version: z.literal(3),
  kind: z.enum(comparisonKinds.map(({ name }) => name) as [string, ...string[]]).nullable(),
  lines: z.array(z.string()),
  matched: z.array(
    z.strictObject({ before: layerSchema, after: layerSchema, by: z.enum(["name", "numbers", "shape"]) }),
  ),
  onlyBefore: z.array(layerSchema),
  onlyAfter: z.array(layerSchema),
  changes: z.array(z.union([change, z.strictObject({ before: z.string(), after: z.string(), problem: z.string() })])),
});
