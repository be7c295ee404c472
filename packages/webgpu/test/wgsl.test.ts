/**
 * Every kernel's text, for every case of a potential, before a second front end: naga, which Firefox and Deno compile WGSL with. It runs where
 * there is one (`cargo install naga-cli`); Dawn's own front end reads the same texts in the other tests. No GPU is needed here.
 */
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { PairSpec, Potential, Shape } from "@comhe/core";
import { potentialCases } from "@comhe/core/formulas";
import { describe, expect, it } from "vitest";
import { DeviceArray } from "../src/device/device-array.js";
import type { Engine } from "../src/device/engine.js";
import { type Kernel, kernelText } from "../src/device/kernel.js";
import { chosenPairsKernel, mergePartsKernel } from "../src/kernels/statistics-rows.js";
import { statisticsTileKernel } from "../src/kernels/statistics-tile.js";
import { blockings } from "../src/pairs/blockings.js";
import { directions } from "../src/pairs/directions.js";
import { pairwise, pairwiseEnergy } from "../src/pairs/pairwise.js";
import { webgpuPrimitives } from "../src/primitives/primitives.js";
import { product } from "../src/primitives/product.js";

/** An engine that computes nothing, and keeps the texts that it is asked to run. */
function recording() {
  const texts = new Map<string, string>();
  const add = (kernel: Kernel) => {
    const text = kernelText(kernel);
    const known = texts.get(kernel.name);
    if (known !== undefined && known !== text) throw new Error(`two texts are called "${kernel.name}"`);
    texts.set(kernel.name, text);
  };
  const make = (shape: Shape) =>
    new DeviceArray(shape, { buffers: [{} as GPUBuffer], bytes: 0, isOwn: false, references: 0 });
  const engine = {
    device: {
      limits: {
        maxComputeInvocationsPerWorkgroup: 256,
        maxComputeWorkgroupStorageSize: 16_384,
      },
    },
    largestArray: 2 ** 27,
    make,
    makeLarge: make,
    write: (_: unknown, shape: Shape) => make(shape),
    fill: (shape: Shape, value: number) => new DeviceArray(shape, undefined, value),
    reshape: (array: DeviceArray, shape: Shape) => new DeviceArray(shape, array.storage),
    scope: <R>(body: () => R) => body(),
    free: () => {},
    run: add,
  };
  return { engine: engine as unknown as Engine, make, texts, add };
}

/** Statistics of every potential, of everything at once, and of each thing alone, in every tile. */
function statisticsTexts(): readonly Kernel[] {
  const pairs = potentials.map((potential): PairSpec => ({ potential, space: "half", separationFloor: 0.01 }));
  const nothing = { energies: [], about: false, angles: false, fewBins: true };
  const everything = {
    ...{ energies: pairs.slice(0, 4), shareOf: 1, about: true, angles: true, fewBins: true },
    ...({ nearest: "half", similar: "full", within: "half" } as const),
  };
  return blockings.flatMap((blocking) =>
    [true, false].flatMap((unitRows) => [
      ...pairs.map((pair) => statisticsTileKernel({ ...nothing, energies: [pair], blocking, unitRows })),
      ...[nothing, everything, { ...nothing, angles: true, fewBins: false }].map((collected) =>
        statisticsTileKernel({ ...collected, blocking, unitRows }),
      ),
      mergePartsKernel({ blocking, shareOf: 0, nearest: "half" }),
      mergePartsKernel({ blocking, shareOf: undefined, nearest: "full" }),
      chosenPairsKernel(unitRows),
    ]),
  );
}

const potentials: readonly Potential[] = potentialCases.map(({ kind, parameter = 2.5 }) =>
  kind === "gaussian"
    ? { kind, t: parameter }
    : kind === "frame"
      ? { kind, p: parameter }
      : { kind: "riesz", s: parameter, distance: kind },
);

function everyText(): ReadonlyMap<string, string> {
  const { engine, make, texts, add } = recording();
  for (const dim of [3, 100]) {
    for (const normEpsilon of [0, 0.5]) {
      const of = directions(engine, make([2, 200, dim]), normEpsilon);
      for (const potential of potentials) {
        for (const space of ["full", "half"] as const) {
          // The wide floor reaches pairs that aren't near.
          for (const separationFloor of [0.01, 0.5]) {
            const pair: PairSpec = { potential, space, separationFloor };
            pairwise(engine, of, pair, { panelBytes: 2 ** 17 });
            pairwiseEnergy(engine, of, pair);
          }
        }
      }
      const pair: PairSpec = { potential: potentials[0]!, space: "half", separationFloor: 0.01 };
      for (const blocking of blockings) pairwise(engine, of, pair, { panelBytes: 2 ** 17, blocking });
    }
  }
  for (const transposeA of [false, true]) {
    for (const transposeB of [false, true])
      product(engine, make([1, 8, 8]), make([1, 8, 8]), { transposeA, transposeB });
  }
  for (const text of statisticsTexts()) add(text);
  const p = webgpuPrimitives(engine);
  const [a, b] = [make([2, 3, 40]), make([2, 1, 40])];
  for (const name of ["add", "sub", "mul", "div", "maximum", "minimum", "less"] as const) {
    p[name](a, b);
    p[name](p.scalar(2), b);
    p[name](a, p.scalar(2));
  }
  for (const name of ["abs", "square", "sqrt", "reciprocal", "exp", "log", "atan", "firstMaximum"] as const) p[name](a);
  for (const axis of [1, 2]) for (const name of ["sum", "max"] as const) p[name](a, axis);
  p.power(a, 2);
  p.range(3);
  p.transpose(a, [0, 2, 1]);
  p.gather(a, Int32Array.of(0), 2);
  return texts;
}

const naga = spawnSync("naga", ["--version"], { encoding: "utf8" });
const missing = naga.status === 0 ? undefined : "no naga: cargo install naga-cli";
if (missing) console.info(`@comhe/webgpu before naga: skipped, ${missing}`);

describe("texts of kernels", () => {
  const texts = everyText();

  it("are many, and each name has one", () => {
    // Of each potential: two spaces, two floors, ε or not, with slopes and without.
    expect(texts.size).toBeGreaterThan(16 * potentials.length);
  });

  it("ask for nothing that a device needn't have", () => {
    for (const [name, text] of texts) expect(text, name).not.toMatch(/^\s*(enable|requires|diagnostic)\b/m);
  });

  it.skipIf(missing !== undefined)("pass naga", { timeout: 300_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "comhe-wgsl-"));
    try {
      const files = [...texts.values()].map((text, n) => {
        const path = join(folder, `${n}.wgsl`);
        writeFileSync(path, text);
        return path;
      });
      await promisify(execFile)("naga", ["--bulk-validate", ...files], { maxBuffer: 2 ** 26 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
