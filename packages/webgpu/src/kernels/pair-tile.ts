/**
 * The pairwise kernel. A workgroup takes a square tile on or above the diagonal: the cosines of its pairs, potential and slope of each, the
 * tile's share of the energy, and, where a gradient is wanted, the slopes to a *panel*, the K of some rows with all columns.
 *
 * **Near pairs.** Where |c| > 0.995 the cosine has lost digits: u is taken from ‖x_i − x_j‖², by the thread itself, in a branch that is rarely
 * taken. Unit rows (ε = 0) also take the gradient from differences, κ(x_j − x_i): such a slope is *tagged* in the panel, by the lowest bits of
 * its float32 number (1: near x_j; 3: near −x_j; 0 in all others, which costs half a unit in the last place). The product with the panel takes
 * tagged slopes as 0, and `near-rows.ts` adds them in the other form. So no list can overflow, however many pairs are near.
 */
import type { PairSpec } from "@comhe/core";
import type { Binding, Kernel } from "../device/kernel.js";
import {
  accumulator,
  accumulatorsText,
  type Blocking,
  placeText,
  productDeclarations,
  productText,
  quadText,
  type Side,
  sumDeclarations,
  sumText,
  threadsOf,
} from "./blocking.js";
import { farText, halfAngleText, isTwoSided, nearCosine, nearText, pairName } from "./potential-text.js";

const parameters = {
  /** N */
  count: "u32",
  /** Quads of a padded row, and of all padded rows. */
  quads: "u32",
  batch_quads: "u32",
  /** The first batch entry, and the first tile of rows and of columns. */
  first_entry: "u32",
  first_row_tile: "u32",
  first_column_tile: "u32",
  /** Tiles of rows in the panel, how many of its tiles of columns are these rows too, and quads of its rows. */
  panel_tiles: "u32",
  square_tiles: "u32",
  panel_quads: "u32",
  /** Where this call's sums begin in an entry's sums, and how many an entry has. */
  first_sum: "u32",
  entry_sums: "u32",
  /** Tiles across. */
  across: "u32",
  /** √ε */
  root: "f32",
} as const;

export type PairTileParameters = Record<keyof typeof parameters, number>;

export interface PairTileOptions {
  readonly blocking: Blocking;
  readonly pair: PairSpec;
  /** Whether rows have unit length, ε = 0. */
  readonly unitRows: boolean;
  /** Whether slopes are wanted. */
  readonly slopes: boolean;
}

export function pairTileKernel({ blocking, pair, unitRows, slopes }: PairTileOptions) {
  const { side } = blocking;
  const bindings: Record<string, Binding> = {
    x: { type: "vec4f" },
    sums: { type: "f32", writes: true },
    ...(unitRows ? {} : { inverse: { type: "f32" } }),
    ...(slopes ? { panel: { type: "vec4u", writes: true }, near_rows: { type: "atomic<u32>", writes: true } } : {}),
  };
  const kernel: Kernel = {
    name: `pairs ${pairName(pair)} ${unitRows} ${slopes} ${side}/${blocking.per}`,
    parameters,
    arrays: bindings,
    threads: threadsOf(blocking),
    declarations: () => `${productDeclarations(blocking)}
${sumDeclarations(threadsOf(blocking))}
${halfAngleText}
struct Cell { value: vec4f, slope: vec4u }
${nearFunction(pair, unitRows, slopes)}
${cellFunction(pair, slopes)}`,
    body: () => bodyText(blocking, slopes),
  };
  return kernel;
}

/** ψ and the bits of ψ′ of four pairs, row `i` with columns `j` … `j + 3`. Pairs count once: where j > i. */
function cellFunction(pair: PairSpec, slopes: boolean): string {
  const far = isTwoSided(pair) ? "abs(cosine)" : "cosine";
  const near = `let isNear = isPair & (${far} > vec4f(${nearCosine}));`;
  const fix = `if (any(isNear)) {
    for (var n = 0u; n < 4u; n++) {
      if (!isNear[n]) { continue; }
      let exact = near_pair(entry, i, j + n, select(1.0, -1.0, cosine[n] < 0.0)${slopes ? ", is_diagonal" : ""});
      value[n] = exact.value;
      bits[n] = exact.slope;
    }
  }`;
  return `fn cell(cosine: vec4f, entry: u32, i: u32, j: u32, is_diagonal: bool) -> Cell {
  let columns = vec4u(j, j + 1u, j + 2u, j + 3u);
  let isPair = vec4<bool>(i < p.count) & (columns < vec4u(p.count)) & (columns != vec4u(i));
  ${near}
  let isFar = isPair & !isNear;
  let c = select(vec4f(0.0), cosine, isFar);
  var value: vec4f; var slope: vec4f;
  ${farText(pair)}
  value = select(vec4f(0.0), value, isFar);
  var bits = select(vec4u(0u), bitcast<vec4u>(slope) & vec4u(0xfffffffeu), isFar);
  ${fix}
  return Cell(select(vec4f(0.0), value, columns > vec4u(i)), bits);
}`;
}

function nearFunction(pair: PairSpec, unitRows: boolean, slopes: boolean): string {
  const deficit = (row: string) =>
    `let own_${row} = p.root * inverse[entry * p.count + ${row}]; rest += own_${row} * own_${row};`;
  const mark = `atomicStore(&near_rows[entry * p.count + i], 1u);
  if (!is_diagonal) { atomicStore(&near_rows[entry * p.count + j], 1u); }`;
  const tag = "(bitcast<u32>(slope) & 0xfffffffcu) | select(1u, 3u, sign < 0.0)";
  return `struct Near { value: f32, slope: u32 }
fn near_pair(entry: u32, i: u32, j: u32, sign: f32${slopes ? ", is_diagonal: bool" : ""}) -> Near {
  let own = entry * p.batch_quads + i * p.quads;
  let other = entry * p.batch_quads + j * p.quads;
  var squares = vec4f(0.0);
  for (var k = 0u; k < p.quads; k++) {
    let apart = x[own + k] - sign * x[other + k];
    squares += apart * apart;
  }
  var rest = (squares.x + squares.y) + (squares.z + squares.w);
  ${unitRows ? "" : `${deficit("i")} ${deficit("j")}`}
  let u = select(4.0 - rest, rest, sign > 0.0);
  let v = select(rest, 4.0 - rest, sign > 0.0);
  var value: f32; var slope: f32;
  ${nearText(pair)}
  ${slopes && unitRows ? mark : ""}
  return Near(value, ${unitRows ? tag : "bitcast<u32>(slope) & 0xfffffffeu"});
}`;
}

/** The rows of a tile, padded, as one side of a product; `start` is the quad where the entry's rows begin. */
export function rowsSide({ side }: Blocking, tile: string, start: string): Side {
  return {
    block: `transpose(mat4x4f(${[0, 1, 2, 3]
      .map((r) => `x[${start} + ((${tile}) * ${side}u + 4u * m4 + ${r}u) * p.quads + slab + k4]`)
      .join(", ")}))`,
    contiguous: "inner",
  };
}

function bodyText(blocking: Blocking, slopes: boolean): string {
  const { side, per } = blocking;
  const quads = side / 4;
  const groups = [...Array(per / 4).keys()];
  const cells = groups.flatMap((i) =>
    groups.map((j) => {
      const four = [0, 1, 2, 3];
      const cosines = four.map((r) => accumulator(4 * i + r, j));
      const write = four.map((r) => `panel[at + ${r}u * p.panel_quads] = bits[${r}];`);
      const mirror = four.map(
        (q) => `panel[back + ${q}u * p.panel_quads] = vec4u(${four.map((r) => `bits[${r}][${q}]`).join(", ")});`,
      );
      return `{
    let row = row_tile * ${side}u + 4u * (${quadText("ty", i, blocking)});
    let column = column_tile * ${side}u + 4u * (${quadText("tx", j, blocking)});
    // A loop, not four calls: compilers unroll it where that is worth it, and take a quarter of the time where it isn't.
    let cosines = array<vec4f, 4>(${cosines.join(", ")});
    ${slopes ? "var bits: array<vec4u, 4>;" : ""}
    for (var r = 0u; r < 4u; r++) {
      let found = cell(cosines[r], entry, row + r, column, is_diagonal);
      sums4 += found.value;
      ${slopes ? "bits[r] = found.slope;" : ""}
    }
    ${
      slopes
        ? `let at = panel_start + (group.y * ${side}u + 4u * (${quadText("ty", i, blocking)})) * p.panel_quads + group.x * ${quads}u + ${quadText("tx", j, blocking)};
    ${write.join(" ")}
    if (!is_diagonal && group.x < p.square_tiles) {
      let back = panel_start + (group.x * ${side}u + 4u * (${quadText("tx", j, blocking)})) * p.panel_quads + group.y * ${quads}u + ${quadText("ty", i, blocking)};
      ${mirror.join(" ")}
    }`
        : ""
    }
  }`;
    }),
  );
  return `let entry = p.first_entry + group.z;
  let slot = entry * p.entry_sums + p.first_sum + group.y * p.across + group.x;
  let row_tile = p.first_row_tile + group.y;
  let column_tile = p.first_column_tile + group.x;
  if (column_tile < row_tile) {
    if (t == 0u) { sums[slot] = 0.0; }
    return;
  }
  let is_diagonal = column_tile == row_tile;
  let start = entry * p.batch_quads;
  ${slopes ? `let panel_start = group.z * p.panel_tiles * ${side}u * p.panel_quads;` : ""}
  ${placeText(blocking)}
  ${accumulatorsText(blocking)}
  ${productText(blocking, rowsSide(blocking, "row_tile", "start"), rowsSide(blocking, "column_tile", "start"), "p.quads")}
  var sums4 = vec4f(0.0);
  ${cells.join("\n  ")}
  let sum = (sums4.x + sums4.y) + (sums4.z + sums4.w);
  ${sumText(threadsOf(blocking))}
  if (t == 0u) { sums[slot] = partial[0]; }`;
}
