/**
 * Statistics of pairs, tile by tile, on or above the diagonal, without a second product: sums in trees, counts in whole numbers, and of each
 * row and column of a tile its share and its nearest. What several workgroups add to is whole numbers alone, so that bits repeat.
 */
import type { Binding, Kernel } from "../device/kernel.js";
import {
  accumulator,
  accumulatorsText,
  placeText,
  productDeclarations,
  productText,
  quadText,
  threadsOf,
} from "./blocking.js";
import { rowsSide } from "./pair-tile.js";
import { halfAngleText, pairName } from "./potential-text.js";
import { type Collected, counts, mostLocalBins, partNames, sumNames } from "./statistics-layout.js";
import { noGap, pairFunctions } from "./statistics-pair.js";
import { partsDeclarations, partsText } from "./statistics-parts.js";

const parameters = {
  /** N */
  count: "u32",
  /** Quads of a padded row. */
  quads: "u32",
  /** What numbers of rows, and of columns, are counted from. */
  row_offset: "u32",
  column_offset: "u32",
  /** The first tile of rows and of columns; tiles across and down. */
  first_row_tile: "u32",
  first_column_tile: "u32",
  across: "u32",
  height: "u32",
  bins: "u32",
  /** Pairs that the list has room for, and the last that is listed: its gap's bits, i and j. */
  room: "u32",
  last_gap: "u32",
  last_i: "u32",
  last_j: "u32",
  /** Half the chord, squared: what a gap is at most. */
  within_gap: "f32",
  /** √ε */
  root: "f32",
} as const;

const range = (count: number) => Array.from({ length: count }, (_, n) => n);

export function statisticsTileKernel(collected: Collected) {
  const { blocking, unitRows, energies, shareOf, about, angles, fewBins, nearest, similar, within } = collected;
  const parts = partNames(collected);
  const bindings: Record<string, Binding> = {
    x: { type: "vec4f" },
    sums: { type: "f32", writes: true },
    ...(unitRows ? {} : { inverse: { type: "f32" } }),
    ...(about ? { about: { type: "vec4f" } } : {}),
    ...(angles ? { edges: { type: "f32" } } : {}),
    ...(angles || similar || within ? { counts: { type: "atomic<u32>", writes: true } } : {}),
    ...(similar ? { list: { type: "u32", writes: true } } : {}),
    ...(parts.length > 0 ? { parts: { type: "u32", writes: true } } : {}),
  };
  const kernel: Kernel = {
    name: `statistics ${[
      energies.map(pairName).join("; "),
      `${shareOf} ${about} ${angles && fewBins} ${angles} ${nearest} ${similar} ${within} ${unitRows}`,
      `${blocking.side}/${blocking.per}`,
    ].join(", ")}`,
    parameters,
    arrays: bindings,
    threads: threadsOf(blocking),
    declarations: () => declarationsText(collected),
    body: () => bodyText(collected),
  };
  return kernel;
}

function declarationsText(collected: Collected): string {
  const { blocking, energies, angles, fewBins, within } = collected;
  return [
    productDeclarations(blocking),
    halfAngleText,
    ...sumNames(collected).map((name) => `var<private> ${name}: vec4f;`),
    within ? "var<private> pairs_within: u32; var<workgroup> tile_within: atomic<u32>;" : "",
    angles && fewBins ? `var<workgroup> histogram: array<atomic<u32>, ${mostLocalBins}>;` : "",
    partsDeclarations(collected),
    pairFunctions(collected),
  ]
    .filter((text) => text !== "" && (text !== halfAngleText || angles || energies.length > 0))
    .join("\n");
}

function bodyText(collected: Collected): string {
  const { blocking, shareOf, angles, fewBins, nearest, within } = collected;
  const { side, per } = blocking;
  const threads = threadsOf(blocking);
  const groups = range(per / 4);
  const names = sumNames(collected);
  const perRow = partNames(collected).length > 0;
  const cells = groups.flatMap((i) =>
    groups.map(
      (j) => `{
    let row = row_tile * ${side}u + 4u * (${quadText("ty", i, blocking)});
    let column = column_tile * ${side}u + 4u * (${quadText("tx", j, blocking)});
    let products = array<vec4f, 4>(${range(4)
      .map((r) => accumulator(4 * i + r, j))
      .join(", ")});
    for (var r = 0u; r < 4u; r++) {
      ${perRow ? "let cell = " : "_ = "}take(products[r], row + r, column);
      ${shareOf === undefined ? "" : `own_shares[${4 * i}u + r] += (cell.share.x + cell.share.y) + (cell.share.z + cell.share.w); their_shares[${j}] += cell.share;`}
      ${
        nearest
          ? `for (var n = 0u; n < 4u; n++) {
        if (cell.gap[n] < own_gaps[${4 * i}u + r]) { own_gaps[${4 * i}u + r] = cell.gap[n]; own_nearest[${4 * i}u + r] = p.column_offset + column + n; }
      }
      let isCloser = cell.gap < their_gaps[${j}];
      their_gaps[${j}] = select(their_gaps[${j}], cell.gap, isCloser);
      their_nearest[${j}] = select(their_nearest[${j}], vec4u(p.row_offset + row + r), isCloser);`
          : ""
      }
    }
  }`,
    ),
  );
  const packed = range(Math.ceil(names.length / 4)).map((quad) => {
    const four = range(4).map((lane) => {
      const name = names[4 * quad + lane];
      return name ? `(${name}.x + ${name}.y) + (${name}.z + ${name}.w)` : "0.0";
    });
    return `workgroupBarrier();
  left_slab[t] = vec4f(${four.join(", ")});
  workgroupBarrier();
  for (var half = ${threads / 2}u; half > 0u; half /= 2u) {
    if (t < half) { left_slab[t] += left_slab[t + half]; }
    workgroupBarrier();
  }
  if (t == 0u) {
    ${range(Math.min(4, names.length - 4 * quad))
      .map((lane) => `sums[${4 * quad + lane}u * slots + slot] = left_slab[0][${lane}];`)
      .join(" ")}
  }`;
  });
  const clear = [...names.map((name) => `${name} = vec4f(0.0);`), within ? "pairs_within = 0u;" : ""];
  return `let slots = p.across * p.height;
  let slot = group.y * p.across + group.x;
  let row_tile = p.first_row_tile + group.y;
  let column_tile = p.first_column_tile + group.x;
  if (column_tile < row_tile) {
    if (t == 0u) { ${names.map((_, n) => `sums[${n}u * slots + slot] = 0.0;`).join(" ")} }
    return;
  }
  ${placeText(blocking)}
  ${accumulatorsText(blocking)}
  ${productText(blocking, rowsSide(blocking, "row_tile", "0u"), rowsSide(blocking, "column_tile", "0u"), "p.quads")}
  ${clear.join(" ")}
  ${shareOf === undefined ? "" : `var own_shares: array<f32, ${per}>; var their_shares: array<vec4f, ${per / 4}>;`}
  ${
    nearest
      ? `var own_gaps: array<f32, ${per}>; var own_nearest: array<u32, ${per}>;
  var their_gaps: array<vec4f, ${per / 4}>; var their_nearest: array<vec4u, ${per / 4}>;
  for (var r = 0u; r < ${per}u; r++) { own_gaps[r] = ${noGap}; }
  for (var j = 0u; j < ${per / 4}u; j++) { their_gaps[j] = vec4f(${noGap}); }`
      : ""
  }
  ${cells.join("\n  ")}
  ${packed.join("\n  ")}
  ${within ? `if (pairs_within > 0u) { atomicAdd(&tile_within, pairs_within); }` : ""}
  workgroupBarrier();
  ${within ? `if (t == 0u) { let found = atomicLoad(&tile_within); if (found > 0u) { atomicAdd(&counts[${counts.within}], found); } }` : ""}
  ${
    angles && fewBins
      ? `for (var bin = t; bin < p.bins; bin += ${threads}u) {
    let found = atomicLoad(&histogram[bin]);
    if (found > 0u) { atomicAdd(&counts[${counts.bins}u + bin], found); }
  }`
      : ""
  }
  ${perRow ? partsText(collected) : ""}`;
}
