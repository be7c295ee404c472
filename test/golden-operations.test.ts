/**
 * Golden values that are checked on operations of the backend contract, since no config states their inputs: the mismatch of
 * angles with both its gradients, a power iteration from a given vector, and the two energies of a bilateral projection.
 */
import { type Backend, energyAndGradient, type FloatArray, type Shape } from "@comhe/core";
import { hostObjective } from "@comhe/core/host-functions";
import { beforeAll, describe, expect, it } from "vitest";
import { backends } from "./support/backends.js";
import { expectWithin, maxNorm } from "./support/compare.js";
import { type GoldenArray, type GoldenCase, readGoldenCases } from "./support/golden-file.js";
import type { Convention } from "./support/golden-specs.js";

const cases = readGoldenCases();
const conventions: readonly Convention[] = ["exact", "reference"];

const checksOf = (...fns: readonly string[]) =>
  cases
    .filter(({ fn }) => fns.includes(fn))
    .flatMap((golden) =>
      conventions
        .filter((convention) => golden[convention])
        .map((convention) => [`${golden.id}, ${convention}`, { golden, convention }] as const),
    );

/** ε of the authors' code. */
const epsilonOf = (convention: Convention) => (convention === "reference" ? 1e-4 : 0);

describe.each(backends)("$name", ({ create, tolerance }) => {
  let backend: Backend<unknown>;
  beforeAll(async () => {
    backend = await create();
  });
  const narrow = (data: Float64Array) => (backend.precision === "float32" ? Float32Array.from(data) : data);
  const upload = ({ data, shape }: GoldenArray) => backend.upload(narrow(data), [1, ...shape]);

  it.each(checksOf("angle_loss", "angle_loss_code"))("mismatch: %s", async (_, { golden, convention }) => {
    const { W, P } = golden.inputs;
    const expected = golden[convention]!;
    const isCode = golden.fn === "angle_loss_code";
    const spec = {
      measure: isCode ? "cosine" : "angle",
      form: isCode ? "root" : "mean",
      separationFloor: backend.bareFormula ? 0 : 1e-4,
    } as const;
    const [rows, matrix] = [upload(W), upload(P)];
    const projected = backend.matmul(rows, matrix, { transposeB: true });
    const [before, after] = [rows, projected].map((of) => backend.directions(of, epsilonOf(convention)));
    const { loss, gradient } = backend.mismatch(before, after, spec);
    // The loss is the same with its two sets exchanged: that gives its gradient with respect to the reference set.
    const { gradient: onReference } = backend.mismatch(after, before, spec);
    const onMatrix = backend.matmul(gradient, rows, { transposeA: true });
    const onRows = backend.combine([
      [1, onReference],
      [1, backend.matmul(gradient, matrix)],
    ]);
    const read = await backend.download({ loss, onMatrix, onRows });
    expectWithin(read.loss, [expected.energy], tolerance * expected.energy, "loss");
    for (const [name, actual] of [
      ["P", read.onMatrix],
      ["W", read.onRows],
    ] as const) {
      const wanted = expected.gradient?.[name].data;
      if (!wanted) continue;
      expectWithin(actual, wanted, tolerance * Math.max(maxNorm(wanted), expected.energy), `gradient on ${name}`);
    }
    // k = 1: every projected angle is 0 or π, where the paper's loss has no finite gradient, and only there.
    expect(expected.gradient === undefined).toBe(!isCode && P.shape[0] === 1);
  });

  it.each(checksOf("srip"))("power iteration: %s", async (_, { golden, convention }) => {
    const { W, u0 } = golden.inputs;
    const { energy, gradient } = golden[convention]!;
    const iterations = golden.params.iterations as number;
    // The file holds σ, not σ².
    const objective = {
      kind: "restricted-isometry",
      side: "rows",
      estimate: "power",
      iterations,
      squared: false,
    } as const;
    if (!backend.objective) {
      const weights = { data: narrow(W.data), shape: W.shape };
      await expect(energyAndGradient(backend, { objective }, weights)).rejects.toMatchObject({ code: "unsupported" });
      return;
    }
    const start = () => u0.data;
    const settings = { objective, space: "full", separationFloor: 1e-2, normEpsilon: 0, start } as const;
    const host = (data: FloatArray, shape: Shape) => hostObjective(data, shape, settings);
    const task = { ...settings, host };
    const result = backend.objective(upload(W), task);
    const read = await backend.download({ value: result.value, gradient: result.gradient });
    expectWithin(read.value, [energy], tolerance * energy, "σ");
    const wanted = gradient!.W.data;
    expectWithin(read.gradient, wanted, tolerance * maxNorm(wanted), "gradient");
  });

  it.each(checksOf("bilateral"))("each of the two energies: %s", async (_, { golden, convention }) => {
    const { W, P1, P2 } = golden.inputs;
    const parts = golden[convention]!.parts!;
    const rows = upload(W);
    const onRight = backend.matmul(rows, upload(P1), { transposeB: true });
    const onLeft = backend.matmul(upload(P2), rows, { transposeA: true });
    const { s, distance, space } = golden.params;
    const pair = {
      potential: { kind: "riesz", s: s as number, distance: distance === "angular" ? "angular" : "chordal" },
      space: space as "full" | "half",
      separationFloor: 1e-2,
    } as const;
    const energies = [onRight, onLeft].map(
      (of) => backend.pairwise(backend.directions(of, epsilonOf(convention)), pair).energy,
    );
    const read = await backend.download({ right: energies[0], left: energies[1] });
    expectWithin([read.right[0], read.left[0]], parts, tolerance * Math.max(...parts), "energies");
  });
});

it("covers the cases there are", () => {
  const count = (...fns: readonly string[]) => checksOf(...fns).length;
  expect([count("angle_loss"), count("angle_loss_code"), count("srip"), count("bilateral")]).toEqual([3, 6, 1, 4]);
  const golden: GoldenCase = cases.find(({ fn }) => fn === "srip")!;
  expect(golden.inputs.u0.shape).toEqual([golden.inputs.W.shape[0]]);
});
