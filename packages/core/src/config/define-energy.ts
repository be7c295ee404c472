/** From what a user writes to a validated, frozen energy with every default filled in. */
import { safeParse } from "valibot";
import { EnergyError } from "../errors/energy-error.js";
import { configError, refuseArrays } from "./config-error.js";
import { energyData, isOwnProjection } from "./schema.js";
import { storeMatrices } from "./store-matrices.js";
import type { EnergyConfig, EnergySpec, PotentialSpec, ProjectionConfig } from "./types.js";

/** Options of {@link defineEnergy}. */
export interface DefineEnergyOptions {
  /** Called with a message for each setting that is allowed but unwise. Default: `console.warn`. */
  readonly warn?: (message: string) => void;
}

/** Objectives of directions, which have a half space and an ε. The others look at the raw rows. */
const ofDirections = new Set(["maximum-separation", "gram-determinant", "uniformity"]);

/** Made here, and so not to be validated again. */
const defined = new WeakSet<object>();

/**
 * Validates a config, fills in its defaults and freezes the result, which is another object; a spec that it made comes back as it is.
 * The result survives a round trip through JSON (typed arrays become plain numbers), except with a projection of your own.
 *
 * @param config which energy; `{}` or nothing is the Riesz energy s = 2 of the neurons themselves, in full space
 *
 * @throws EnergyError `invalid-config`; the message names the path, what was expected and what was got. Random
 *   projections to k ≤ s + 1 dimensions have infinite mean energy and are refused.
 */
export function defineEnergy(
  config?: EnergyConfig & {
    /** Left out, so that the spec is known to be one of a potential. */
    readonly objective?: undefined;
  },
  options?: DefineEnergyOptions,
): PotentialSpec;
export function defineEnergy(config: EnergyConfig, options?: DefineEnergyOptions): EnergySpec;
export function defineEnergy(config: EnergyConfig = {}, options: DefineEnergyOptions = {}): EnergySpec {
  if (typeof config === "object" && config !== null && defined.has(config)) return config as EnergySpec;
  refuseArrays(config as Readonly<Record<string, unknown>>);
  const own = isOwnProjection(config?.projection) ? config.projection : undefined;
  const parsed = safeParse(energyData, own ? { ...config, projection: undefined } : config, { abortPipeEarly: true });
  if (!parsed.success) throw configError(parsed.issues);
  const { potential, objective, sample, ...common } = parsed.output;
  if (objective && config.potential !== undefined) {
    throw invalid("objective", "expected either a potential or an objective, got both. Remove one of them.");
  }
  const spec = {
    ...(objective ? { objective } : { potential }),
    ...common,
    projection: own ?? storeMatrices(parsed.output.projection as ProjectionConfig, config.projection),
    ...(sample === undefined ? {} : { sample }),
  };
  const result = deepFreeze(spec) as EnergySpec;
  checkProjection(result, options.warn ?? console.warn);
  checkPotential(result, options.warn ?? console.warn);
  checkObjective(result);
  checkSample(result);
  defined.add(result);
  return result;
}

/**
 * Near a coincidence a random projection to k dimensions has chords with density r^(k−2): E[r^(−s)] diverges for
 * k ≤ s + 1, its variance for k ≤ 2s + 1.
 */
function checkProjection({ potential, projection }: EnergySpec, warn: (message: string) => void): void {
  if ("compose" in projection || projection.kind !== "random" || potential?.kind !== "riesz") return;
  const { dimension } = projection;
  const { s } = potential;
  if (dimension <= s + 1) {
    throw new EnergyError(
      "invalid-config",
      `projection.dimension: expected more than s + 1 = ${s + 1}, since the mean energy of random projections is ` +
        `infinite otherwise; got ${dimension}. Raise dimension or lower potential.s.`,
      { path: "projection.dimension" },
    );
  }
  if (dimension <= 2 * s + 1) {
    warn(
      `projection.dimension: ${dimension} is at most 2s + 1 = ${2 * s + 1}, so the energy of random projections has ` +
        "infinite variance and its gradient is noisy. Raise dimension or lower potential.s.",
    );
  }
}

/** −θ^|s| is concave in the angle for s < −1: its energy is least where all neurons lie on one line. Bilyk & Dai 2019. */
function checkPotential({ potential }: EnergySpec, warn: (message: string) => void): void {
  if (potential?.kind !== "riesz" || potential.distance !== "angular" || potential.s > -1) return;
  warn(
    `potential.s: with angular distance and s = ${potential.s} ≤ −1 the energy doesn't spread neurons; it is least where they gather on one ` +
      'line. Use s above −1, or "chordal" distance.',
  );
}

/** What means nothing for an objective is refused rather than ignored. */
function checkObjective({ objective, space, normEpsilon, projection }: EnergySpec): void {
  if (!objective) return;
  const { kind } = objective;
  if (!ofDirections.has(kind) && space === "half") {
    throw invalid("space", `expected "full" with the objective "${kind}", which doesn't tell a neuron from its line.`);
  }
  const usesDirections = ofDirections.has(kind) || (objective.kind === "coherence" && objective.norm === "cosine");
  if (!usesDirections && normEpsilon > 0) {
    throw invalid("normEpsilon", `expected 0 with the objective "${kind}", which looks at the raw rows.`);
  }
  if (!("compose" in projection) && projection.kind === "adversarial" && projection.through === "unrolled") {
    throw invalid(
      "projection.through",
      `expected "stopped" with the objective "${kind}": unrolling needs second derivatives, which objectives don't have.`,
    );
  }
}

/** What isn't a mean over pairs of rows can't be estimated from some of them. */
function checkSample({ sample, objective, projection }: EnergySpec): void {
  if (sample === undefined) return;
  const { kind } = objective ?? projection;
  const problem = objective
    ? `the objective "${kind}", which isn't a mean over pairs of neurons`
    : kind === "bilateral" && !("compose" in projection)
      ? 'the projection "bilateral", whose left matrix mixes all neurons'
      : undefined;
  if (problem) throw invalid("sample", `expected none with ${problem}; got ${sample}. Leave it out.`);
}

function invalid(path: string, problem: string): EnergyError {
  return new EnergyError("invalid-config", `${path}: ${problem}`, { path });
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !ArrayBuffer.isView(value) && !("compose" in value)) {
    for (const entry of Object.values(value)) deepFreeze(entry);
    Object.freeze(value);
  }
  return value;
}
