/**
 * The pairwise energy with its gradient: blocks of columns against all rows, so that no N×N array lives. For each block
 *
 *   codes  = cosines, exact chords where a pair is near      dot products, 2·N·B·d flops
 *   slopes = K = ψ′, number by number
 *   rows  += ψ, row by row
 *   sums  += K X, with x_j ∓ x_i where a pair is near        weighted sums, 2·N·B·d flops
 */
import type { PairSpec, PairwiseEnergy, PairwiseResult } from "@comhe/core";
import { pairWeights } from "@comhe/core/host-functions";
import type { TensorPairwiseSaved } from "@comhe/core/tensor-backend";
import { type DeviceArray, sizeOf } from "../device/device-array.js";
import type { Engine } from "../device/engine.js";
import { mostNumbers } from "../device/kernel-code.js";
import { type DotFinish, dotProducts } from "../kernels/dot-products.js";
import { asLeft, type Layout, layoutOf, type Packed, pack, roundUp, transposeTile, unpack } from "../kernels/layout.js";
import { isTwoSided, noPair, pairName } from "../kernels/potential-text.js";
import { weightedSums } from "../kernels/weighted-sums.js";
import { concat, slice } from "../primitives/copy.js";
import { type DeviceDirections, pullback } from "./directions.js";
import { selfText } from "./self-terms.js";
import { addRows, slopesOf } from "./tile-kernels.js";

/** A block's codes and slopes. */
const liveArrays = 2;

export function pairwise(
  engine: Engine,
  directions: DeviceDirections,
  pair: PairSpec,
  tileBytes: number,
): PairwiseResult<DeviceArray> {
  const { unit, inverseNorm, normEpsilon } = directions;
  const count = unit.shape[1]!;
  const weights = pairWeights(count, pair.space, pair.population);
  const { rowSums, onDirections } = engine.scope(() => sumPairs(engine, directions, pair, tileBytes));
  const isHalf = pair.space === "half";
  const inward =
    isHalf && normEpsilon > 0 ? inwardPull(engine, inverseNorm, pair, normEpsilon, 2 * weights.self) : undefined;
  const gradient = pullback(engine, directions, onDirections, weights.pair, inward);
  const perRow = rowEnergies(engine, rowSums, inverseNorm, pair, normEpsilon);
  const saved: TensorPairwiseSaved<DeviceArray> = { directions, pair, onDirections };
  return { energy: engine.sumLater(perRow, count, 1, 0), gradient, saved };
}

/** The energy alone: codes and rows of each tile, without slopes and what is added up by them. */
export function pairwiseEnergy(
  engine: Engine,
  directions: DeviceDirections,
  pair: PairSpec,
  tileBytes: number,
): PairwiseEnergy<DeviceArray> {
  const { inverseNorm, normEpsilon, unit } = directions;
  const rowSums = engine.scope(() => sumValues(engine, directions, pair, tileBytes));
  const perRow = rowEnergies(engine, rowSums, inverseNorm, pair, normEpsilon);
  return { energy: engine.sumLater(perRow, unit.shape[1]!, 1, 0) };
}

/** `[batch, rows, parts]`: {@link sumPairs} for ψ alone. */
function sumValues(engine: Engine, directions: DeviceDirections, pair: PairSpec, tileBytes: number): DeviceArray {
  const { x, side, codesOf } = tilesOf(engine, directions, pair, tileBytes);
  const rows: (DeviceArray | undefined)[] = x.map(() => undefined);
  for (let i = 0; i < x.length; i++) {
    for (let j = i; j < x.length; j++) {
      const before = rows[i];
      rows[i] = engine.scope(() => {
        const codes = codesOf(i, j);
        findNear(engine, { codes, x: x[i]!, y: x[j]!, first: i * side, firstColumn: j * side }, directions, pair);
        return addRows(engine, codes, pair, i === j ? 1 : 2, before);
      });
      if (before) engine.free(before);
    }
  }
  return concat(engine, rows as DeviceArray[], 1);
}

/** The blocks of rows, and what makes the codes of block i with block j. */
function tilesOf(engine: Engine, { unit, normEpsilon }: DeviceDirections, pair: PairSpec, tileBytes: number) {
  const [batch, count] = unit.shape as [number, number, number];
  const side = tileSide(engine, batch, count, tileBytes);
  const finish = codeFinish(pair, count, normEpsilon);
  const x = Array.from({ length: Math.ceil(count / side) }, (_, block) =>
    asLeft(engine, pack(engine, unit, side, block * side)),
  );
  const codesOf = (i: number, j: number) =>
    dotProducts(engine, x[i]!, x[j]!, { firstRow: i * side, firstColumn: j * side, finish });
  return { x, side, codesOf };
}

interface PairSums {
  /** `[batch, rows, parts]`; only what they add up to is an energy. */
  readonly rowSums: DeviceArray;
  /** K X, `[batch, N, d]`. */
  readonly onDirections: DeviceArray;
}

/** Tile by tile on and above the diagonal: a tile off it serves its rows, and transposed its columns. */
function sumPairs(engine: Engine, directions: DeviceDirections, pair: PairSpec, tileBytes: number): PairSums {
  const { unit, normEpsilon } = directions;
  const [, count, dim] = unit.shape as [number, number, number];
  const { x, side, codesOf } = tilesOf(engine, directions, pair, tileBytes);
  const sums: (Packed | undefined)[] = x.map(() => undefined);
  const rows: (DeviceArray | undefined)[] = x.map(() => undefined);
  for (let i = 0; i < x.length; i++) {
    for (let j = i; j < x.length; j++) {
      const before = [sums[i]?.array, sums[j]?.array, rows[i]];
      [sums[i], sums[j], rows[i]] = engine.scope(() => {
        const codes = codesOf(i, j);
        const mayBeNear = findNear(
          engine,
          { codes, x: x[i]!, y: x[j]!, first: i * side, firstColumn: j * side },
          directions,
          pair,
        );
        const isNear = normEpsilon === 0 && mayBeNear;
        const slopes = slopesOf(engine, codes, pair);
        const nearRows = isNear ? { codes, own: x[i]! } : undefined;
        const onRows = weightedSums(engine, slopes, x[j]!, { sums: sums[i], near: nearRows });
        const energies = addRows(engine, codes, pair, i === j ? 1 : 2, rows[i]);
        if (i === j) return [onRows, onRows, energies];
        const nearColumns = isNear ? { codes: transposeTile(engine, codes), own: x[j]! } : undefined;
        const turned = transposeTile(engine, slopes);
        const onColumns = weightedSums(engine, turned, x[i]!, { sums: sums[j], near: nearColumns });
        return [onRows, onColumns, energies];
      });
      for (const array of before) if (array) engine.free(array);
    }
  }
  const each = sums.map((block) => unpack(engine, block!, side, dim));
  const whole = concat(engine, each, 1);
  return {
    rowSums: concat(engine, rows as DeviceArray[], 1),
    onDirections: whole.shape[1] === count ? whole : slice(engine, whole, 1, 0, count),
  };
}

/** Smaller tiles save more of the lower triangle, larger ones launch fewer kernels. */
const sides = { bands: 256, plain: 256, quads: 1024 } as const;

/** Rows and columns of a tile, a multiple of 4, the same for every tile. */
function tileSide(engine: Engine, batch: number, count: number, tileBytes: number): number {
  const numbers = Math.min(tileBytes / (4 * liveArrays), mostNumbers) / batch;
  const most = Math.max(4, Math.min(sides[layoutOf(engine)], Math.floor(Math.sqrt(numbers) / 4) * 4));
  return roundUp(Math.ceil(count / Math.ceil(count / most)), 4);
}

/** The codes of one tile, what they are of, and the numbers of its first row and column. */
interface Tile {
  readonly codes: Packed;
  readonly x: Packed;
  readonly y: Packed;
  readonly first: number;
  readonly firstColumn: number;
}

/**
 * Where results are host memory: puts the exact chord in place of the cosine of each near pair, and says whether there
 * may be any. Elsewhere the kernel that makes the codes has done so.
 *
 * With ε > 0, 2 − 2c is ‖x_i − x_j‖² and both rows' deficits 1 − ‖x‖² = ε/ρ².
 */
function findNear(engine: Engine, tile: Tile, directions: DeviceDirections, pair: PairSpec): boolean {
  if (!engine.onHost) return true;
  const { codes, x, y, first, firstColumn } = tile;
  const { inverseNorm, normEpsilon } = directions;
  const count = inverseNorm.shape[1]!;
  const root = Math.sqrt(normEpsilon);
  const twoSided = isTwoSided(pair);
  let found = false;
  engine.editOnHost(codes.array, [x.array, y.array, inverseNorm], (numbers, [xs, ys, inverse]) => {
    for (let n = 0; n < numbers.length; n++) {
      const cosine = numbers[n]!;
      // One comparison for nearly all of them: this loop passes every pair there is.
      if (Math.abs(cosine) <= 0.995) continue;
      if (cosine === noPair || (cosine < 0 && !twoSided)) continue;
      found = true;
      const { entry, row, column } = positionOf(layoutOf(engine), codes, n);
      const i = (entry * x.rows + row) * x.width;
      const j = (entry * y.rows + column) * x.width;
      const sign = cosine < 0 ? -1 : 1;
      const own = root * inverse![entry * count + first + row]!;
      const other = root * inverse![entry * count + firstColumn + column]!;
      let u = own * own + other * other;
      for (let k = 0; k < x.width; k++) u += (xs![i + k]! - sign * ys![j + k]!) ** 2;
      numbers[n] = (2 * sign) / (u + 1e-30);
    }
  });
  return found || engine.hostValue(codes.array) === undefined;
}

/** Where the n-th number of a tile on the host stands. */
function positionOf(
  layout: Layout,
  { rows, width }: Packed,
  n: number,
): { entry: number; row: number; column: number } {
  const height = layout === "bands" ? 4 : 1;
  const band = Math.floor(n / (width * height));
  const within = n - band * width * height;
  const column = Math.floor(within / height);
  const row = band * height + (within - column * height);
  const entry = Math.floor(row / rows);
  return { entry, row: row - entry * rows, column };
}

/** Cosines into codes. With ε > 0 rows aren't unit, and u stays 2 − 2c however close. */
function codeFinish(pair: PairSpec, count: number, normEpsilon: number): DotFinish {
  const twoSided = isTwoSided(pair);
  const unitRows = normEpsilon === 0;
  return {
    name: `codes ${twoSided} ${unitRows}`,
    constants: { count },
    text({ s, i, j, distance }) {
      const near = (sign: 1 | -1) => `if (${sign} * ${s} > 0.995 && ${sign} * ${s} < 2) {
        let u = 0; ${distance!(String(sign))} ${s} = ${2 * sign} / (u + 1e-30);
      }`;
      // Once a code is near it is no cosine any more: the second test is for the other side.
      const chords = unitRows && distance ? `${near(1)} ${twoSided ? near(-1) : ""}` : "";
      return `if (${i} === ${j} || ${j} >= this.constants.count || ${i} >= this.constants.count) {
        ${s} = ${noPair};
      } else { ${chords} }`;
    },
  };
}

/** `[batch, N]`: each row's share of the energy, its antipodal pair included. */
function rowEnergies(
  engine: Engine,
  sums: DeviceArray,
  inverseNorm: DeviceArray,
  pair: PairSpec,
  normEpsilon: number,
): DeviceArray {
  const [batch, rows, parts] = sums.shape as [number, number, number];
  const count = inverseNorm.shape[1]!;
  const isHalf = pair.space === "half";
  const weights = pairWeights(count, pair.space, pair.population);
  const self = () => `const inverse = inverseNorm[this.thread.y * this.constants.count + this.thread.x];
    ${selfText(pair, normEpsilon)} sum += self * selfValue;`;
  return engine.run(
    {
      name: `row energies ${isHalf ? `${pairName(pair)} ${normEpsilon}` : ""}`,
      source: () => `function(sums, inverseNorm, weight, self) {
        let sum = 0;
        for (let k = 0; k < this.constants.parts; k++) {
          sum += sums[(this.thread.y * this.constants.rows + this.thread.x) * this.constants.parts + k];
        }
        sum = sum * weight;
        ${isHalf ? self() : ""}
        return sum;
      }`,
      constants: { rows, parts, count },
    },
    // Every pair is in two rows.
    [sums, inverseNorm, weights.pair / 2, weights.self],
    [count, batch, 1],
    [batch, count],
  );
}

/** What takes a row inward with ε > 0: κ·deficit/ρ times a weight, `[batch, N, 1]`. */
function inwardPull(
  engine: Engine,
  inverseNorm: DeviceArray,
  pair: PairSpec,
  normEpsilon: number,
  weight: number,
): DeviceArray {
  return engine.run(
    {
      name: `inward ${pairName(pair)} ${normEpsilon}`,
      source: () => `function(inverseNorm, weight) {
        const inverse = inverseNorm[this.thread.x];
        ${selfText(pair, normEpsilon)}
        return weight * selfSlope * deficit * inverse;
      }`,
    },
    [inverseNorm, weight],
    [sizeOf(inverseNorm.shape), 1, 1],
    inverseNorm.shape,
  );
}
