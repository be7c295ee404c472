/**
 * Fidelity to the authors' training logs, without their data: at initialization the energies depend on the shapes of the
 * network alone. A few seeds here; `npm run fidelity --workspace=@comhe/test` runs five and takes a minute.
 */
import "@tensorflow/tfjs-backend-wasm";
import { type Backend, energyAndGradient } from "@comhe/core";
import { tfjsBackend } from "@comhe/tfjs";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, test } from "vitest";
import {
  heNormal,
  hiddenEnergy,
  hiddenLayers,
  loggedOutput,
  outputEnergy,
  outputLayer,
  strategies,
} from "./support/authors-network.js";

/** Vitest passes its mode on. */
const full = process.env.MODE === "full";
const tolerance = 0.02;
let backend: Backend<tf.Tensor>;

beforeAll(async () => {
  await tf.setBackend("wasm");
  await tf.ready();
  backend = tfjsBackend();
});

async function meanOver(seeds: number, compute: (seed: number) => Promise<number>): Promise<number> {
  let sum = 0;
  for (let seed = 0; seed < seeds; seed++) sum += await compute(seed);
  return sum / seeds;
}

function report(what: string, energy: number, logged: number, seeds: number): void {
  if (full) console.info(`${what}: ${energy.toFixed(4)} over ${seeds} seeds, logged ${logged}`);
  expect(Math.abs(energy - logged), `${what}: ${energy}`).toBeLessThanOrEqual(tolerance);
}

test.each(strategies.map((each) => [(each.projection as { kind: string }).kind, each] as const))(
  "hidden layers, %s",
  { timeout: 600_000 },
  async (kind, { projection, logged }) => {
    const seeds = full ? 5 : 1;
    const energy = await meanOver(seeds, async (seed) => {
      let sum = 0;
      for (const layer of hiddenLayers) {
        const config = hiddenEnergy(projection, layer);
        sum += (await energyAndGradient(backend, config, heNormal(layer, seed), { seed, name: layer.name })).energy;
      }
      return sum;
    });
    report(kind, energy, logged, seeds);
  },
);

test("output layer", async () => {
  const seeds = 5;
  const energy = await meanOver(seeds, async (seed) => {
    const result = await energyAndGradient(backend, outputEnergy, heNormal(outputLayer, seed));
    return 10 * result.energy;
  });
  report("output layer", energy, loggedOutput, seeds);
});
