/** The fused pairwise kernel in every blocking, with panels of one tile and of all, against the reference backend in float64. */
import { type Backend, type PairSpec, type Potential, randomStream, referenceBackend } from "@comhe/core";
import { afterAll, describe, expect, it } from "vitest";
import { Engine } from "../src/device/engine.js";
import { openDevice } from "../src/device/open-device.js";
import { loadsPerEntry, threadsOf } from "../src/kernels/blocking.js";
import { blockings } from "../src/pairs/blockings.js";
import { directions } from "../src/pairs/directions.js";
import { pairwise, pairwiseEnergy } from "../src/pairs/pairwise.js";
import { furthest } from "./support/furthest.js";
import { noGpu } from "./support/node-gpu.js";

const [batch, count, dim] = [2, 150, 21];

/** Rows with a zero row, near ones and ones that coincide, on both sides, in one tile and across tiles; a near pair in every panel. */
function rows(): Float32Array {
  const data = randomStream(7, "pairs", 0).fillNormal(new Float32Array(batch * count * dim));
  const beside = (row: number, of: number, factor: number, chord: number) => {
    for (let k = 0; k < dim; k++) data[row * dim + k] = factor * (data[of * dim + k]! + (k === 3 ? chord : 0));
  };
  data.fill(0, 5 * dim, 6 * dim);
  beside(1, 0, 2, 0.1);
  beside(70, 0, -1, 0.2);
  beside(149, 3, 0.5, 0);
  beside(100, 99, -3, 0.01);
  beside(count + 140, count + 20, 1, 0.05);
  // A crowd: more near pairs than any list has room for.
  for (let row = 30; row < 60; row++) beside(row, 29, row % 2 === 0 ? 1 : -1, 0.02 * row);
  return data;
}

const potentials: readonly Potential[] = [
  { kind: "riesz", s: 2, distance: "chordal" },
  { kind: "riesz", s: 1, distance: "angular" },
  { kind: "frame", p: 3 },
];
const cases = potentials.flatMap((potential) =>
  (["full", "half"] as const).flatMap((space) => [0, 0.5].map((normEpsilon) => ({ potential, space, normEpsilon }))),
);

async function evaluate<A>(backend: Backend<A>, data: Float32Array, pair: PairSpec, normEpsilon: number) {
  const made = backend.scope(() => {
    const of = backend.directions(backend.upload(data, [batch, count, dim]), normEpsilon);
    const { energy, gradient } = backend.pairwise(of, pair);
    return { energy, gradient };
  });
  return backend.download(made);
}

describe.skipIf(noGpu !== undefined)("tiles", () => {
  let engine: Engine | undefined;
  const open = async () => {
    engine ??= new Engine({ device: await openDevice(), ownsDevice: true });
    return engine;
  };
  afterAll(() => engine?.dispose());
  const data = rows();

  it.each(blockings)("of $side, $per×$per a thread", async (blocking) => {
    const on = await open();
    const some = blocking.per === 4 ? cases : cases.filter((_, n) => n % 7 === 3);
    for (const one of some) {
      const { normEpsilon, ...pair } = one;
      const spec: PairSpec = { ...pair, separationFloor: 0.01 };
      const expected = await evaluate(referenceBackend(), data, spec, normEpsilon);
      const what = `${JSON.stringify(pair)} ε = ${normEpsilon}`;
      // Panels of one row of tiles, or one panel.
      for (const panelBytes of some.indexOf(one) % 4 === 0 ? [64, 2 ** 26] : [2 ** 26]) {
        const { energy, gradient, alone } = await on.download(
          on.scope(() => {
            const of = directions(on, on.upload(data, [batch, count, dim]), normEpsilon);
            const { energy, gradient } = pairwise(on, of, spec, { panelBytes, blocking });
            return { energy, gradient, alone: pairwiseEnergy(on, of, spec, blocking).energy };
          }),
        );
        expect(furthest(energy, expected.energy), `${what}, energy`).toBeLessThan(1e-5);
        expect(furthest(alone, expected.energy), `${what}, energy alone`).toBeLessThan(1e-5);
        expect(furthest(gradient, expected.gradient), `${what}, gradient`).toBeLessThan(2e-4);
      }
    }
    expect(on.memory().arrays).toBe(0);
  });

  it("rows with many near pairs, in more columns than are looked at together, from both sides of the panels", async () => {
    const on = await open();
    // In four dimensions every row of these has some that are near.
    const [many, few] = [600, 4];
    const numbers = randomStream(5, "near pairs", 0).fillNormal(new Float32Array(many * few));
    const spec: PairSpec = { potential: potentials[0]!, space: "half", separationFloor: 0.01 };
    const of = async <A>(backend: Backend<A>) => {
      const made = backend.scope(() => {
        const { energy, gradient } = backend.pairwise(
          backend.directions(backend.upload(numbers, [1, many, few]), 0),
          spec,
        );
        return { energy, gradient };
      });
      return backend.download(made);
    };
    const expected = await of(referenceBackend());
    for (const panelBytes of [64, 2 ** 26]) {
      const step = () =>
        on.download(
          on.scope(() => {
            const { energy, gradient } = pairwise(on, directions(on, on.upload(numbers, [1, many, few]), 0), spec, {
              panelBytes,
            });
            return { energy, gradient };
          }),
        );
      const { energy, gradient } = await step();
      expect(furthest(energy, expected.energy)).toBeLessThan(1e-5);
      expect(furthest(gradient, expected.gradient)).toBeLessThan(1e-4);
      expect((await step()).gradient).toEqual(gradient);
    }
  });

  it("take at most d/16 numbers of global memory for a pair", () => {
    for (const blocking of blockings) {
      expect(loadsPerEntry(blocking, 512)).toBeLessThanOrEqual(512 / 16);
      console.info(
        `tile ${blocking.side}×${blocking.side}, ${threadsOf(blocking)} threads of ${blocking.per}×${blocking.per}: ` +
          `${loadsPerEntry(blocking, 512)} numbers a pair at d = 512 (d/${512 / loadsPerEntry(blocking, 512)})`,
      );
    }
  });
});
