/**
 * Descent on the sphere: x ← (x − αg)/‖x − αg‖ with the step of Barzilai and Borwein (1988), α = ⟨Δx, Δx⟩/⟨Δx, Δg⟩, which
 * follows the curvature from two gradients. Gradients come from the library and are tangent already. A step that
 * raises the energy much is taken back and shortened.
 */
import { createEvaluator, type EnergyConfig, type Evaluator, randomStream } from "@comhe/core";
import type { AnyBackend } from "./backends.js";

const dim = 3;
/** No electron moves further in a step, in radians. */
const longestMove = 0.25;
/** Rise of the energy that a step may cost, relative: steps of this kind aren't monotone. */
const tolerated = 2e-2;

export interface Reading {
  readonly step: number;
  /** Mean over pairs of the unprojected energy. */
  readonly energy: number;
  /** The largest move of an electron in this step, in radians. */
  readonly move: number;
}

export class Minimization {
  /** N×3 unit rows. */
  positions: Float32Array;
  step = 0;
  private readonly projected: Evaluator;
  /** Of the unprojected directions, where a projection is on: the number that can be compared. */
  private readonly plain: Evaluator | undefined;
  private readonly random;
  private before:
    | { readonly positions: Float32Array; readonly gradient: Float32Array; readonly energy: number }
    | undefined;
  private rate: number;
  private readonly exact: boolean;

  constructor(
    backend: AnyBackend,
    config: EnergyConfig,
    readonly count: number,
    seed: number,
  ) {
    this.random = randomStream(seed, "thomson-sphere", 0);
    this.positions = normalized(this.random.fillNormal(new Float32Array(count * dim)));
    this.projected = createEvaluator(backend, config, { seed });
    const { projection, ...unprojected } = config;
    this.exact = projection === undefined || (projection as { kind: string }).kind === "none";
    this.plain = this.exact ? undefined : createEvaluator(backend, unprojected, { seed });
    this.rate = count / 20;
  }

  /** One step. Energies are of the positions before it. */
  async advance(): Promise<Reading> {
    const shape = [this.count, dim];
    const { energy, gradient } = await this.projected.evaluate({ data: this.positions, shape });
    const shown = this.plain ? (await this.plain.evaluate({ data: this.positions, shape })).energy : energy;
    const here = { positions: this.positions, gradient: gradient as Float32Array, energy };
    this.step++;
    if (this.before && this.exact && energy - this.before.energy > tolerated * Math.abs(this.before.energy)) {
      // Too far: back to where it was, with a quarter of the step.
      this.rate /= 4;
      this.positions = this.moved(this.before);
      return { step: this.step, energy: this.before.energy, move: this.largestMove(this.before.gradient) };
    }
    this.rate = this.nextRate(here);
    this.before = here;
    this.positions = this.moved(here);
    return { step: this.step, energy: shown, move: this.largestMove(here.gradient) };
  }

  /** Kicks every electron by a random step, to leave a local minimum. */
  shake(): void {
    const kick = this.random.fillNormal(new Float32Array(this.count * dim));
    this.positions = normalized(
      this.positions.map((value, n) => value + (0.35 * kick[n]!) / Math.sqrt(this.count / 4)),
    );
    this.before = undefined;
  }

  private nextRate({ positions, gradient }: { positions: Float32Array; gradient: Float32Array }): number {
    // A projection that changes from step to step leaves nothing to learn the curvature from: a slowly falling rate.
    if (!this.exact) return this.count / 20 / (1 + this.step / 200);
    if (!this.before) return this.rate;
    let along = 0;
    let squared = 0;
    for (let n = 0; n < positions.length; n++) {
      const move = positions[n]! - this.before.positions[n]!;
      squared += move * move;
      along += move * (gradient[n]! - this.before.gradient[n]!);
    }
    return along > 1e-12 * squared ? squared / along : this.rate * 2;
  }

  private largestMove(gradient: Float32Array): number {
    let largest = 0;
    for (let n = 0; n < gradient.length; n += dim) {
      largest = Math.max(largest, Math.hypot(gradient[n]!, gradient[n + 1]!, gradient[n + 2]!));
    }
    return Math.min(this.rate * largest, longestMove);
  }

  private moved({ positions, gradient }: { positions: Float32Array; gradient: Float32Array }): Float32Array {
    return normalized(
      positions.map((value, n) => {
        const row = n - (n % dim);
        const length = this.rate * Math.hypot(gradient[row]!, gradient[row + 1]!, gradient[row + 2]!);
        const rate = length > longestMove ? (this.rate * longestMove) / length : this.rate;
        return value - rate * gradient[n]!;
      }),
    );
  }
}

function normalized(rows: Float32Array): Float32Array {
  for (let n = 0; n < rows.length; n += dim) {
    const norm = Math.hypot(rows[n]!, rows[n + 1]!, rows[n + 2]!) || 1;
    for (let k = n; k < n + dim; k++) rows[k]! /= norm;
  }
  return rows;
}
