/**
 * Statistics of pairs, tile by tile, on or above the diagonal, without a second product: sums in trees, counts in whole numbers, and of each
 * row and column of a tile its share and its nearest. What several workgroups add to is whole numbers alone, so that bits repeat.
 *
 * A pair's *gap* is 1 − c, in half space 1 − |c|. Near pairs have theirs from ‖x_i ∓ x_j‖², which has digits where the cosine has none; a
 * float32 number that isn't negative compares as its bits do, so that gaps are compared as whole numbers. Keys are gaps' bits, flipped: the
 * largest is the nearest, and 0, which workgroup memory begins with, is nobody.
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
import { farText, halfAngleText, nearCosine, nearText, pairName } from "./potential-text.js";
import { type Collected, counts, mostLocalBins, partNames, sumNames } from "./statistics-layout.js";

const parameters = {
  /** N */
  count: "u32",
  /** Quads of a padded row, and the first of the entry's. */
  quads: "u32",
  first_quad: "u32",
  /** The entry's first row, in arrays of one number a row. */
  first_row: "u32",
  /** The first tile, of rows and of columns alike; tiles across and down. */
  first_tile: "u32",
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

/** Beyond every gap. */
const noGap = "9.0";
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
  const { blocking, energies, shareOf, angles, fewBins, nearest, similar, within } = collected;
  const { side } = blocking;
  return [
    productDeclarations(blocking),
    halfAngleText,
    ...sumNames(collected).map((name) => `var<private> ${name}: vec4f;`),
    within ? "var<private> pairs_within: u32; var<workgroup> tile_within: atomic<u32>;" : "",
    angles && fewBins ? `var<workgroup> histogram: array<atomic<u32>, ${mostLocalBins}>;` : "",
    shareOf === undefined
      ? ""
      : `var<workgroup> row_shares: array<f32, ${side}>; var<workgroup> column_shares: array<f32, ${side}>;`,
    nearest
      ? ["row", "column"]
          .map(
            (which) =>
              `var<workgroup> ${which}_keys: array<atomic<u32>, ${side}>; var<workgroup> ${which}_others: array<atomic<u32>, ${side}>;`,
          )
          .join("\n")
      : "",
    restText(collected),
    angles ? binText(fewBins) : "",
    similar ? listText : "",
    cellText(collected),
  ]
    .filter((text) => text !== "" && (text !== halfAngleText || angles || energies.length > 0))
    .join("\n");
}

/** 2 − 2c, or with `sign` −1 2 + 2c, from what is small itself. */
function restText({ unitRows }: Collected): string {
  const deficit = (row: string) =>
    `let own_${row} = p.root * inverse[p.first_row + ${row}]; rest += own_${row} * own_${row};`;
  return `fn rest_of(i: u32, j: u32, sign: f32) -> f32 {
  let own = p.first_quad + i * p.quads;
  let other = p.first_quad + j * p.quads;
  var squares = vec4f(0.0);
  for (var k = 0u; k < p.quads; k++) {
    let apart = x[own + k] - sign * x[other + k];
    squares += apart * apart;
  }
  var rest = (squares.x + squares.y) + (squares.z + squares.w);
  ${unitRows ? "" : `${deficit("i")} ${deficit("j")}`}
  return rest;
}`;
}

/** Exactly as edges, which are cosines, say; the arc tangent only tells where to begin. */
const binText = (fewBins: boolean) => `fn count_angle(c: f32) {
  let last = p.bins - 1u;
  let angle = 2.0 * half_angle_1(max(1.0 - c, 0.0), max(1.0 + c, 1e-30));
  var bin = min(u32(angle * f32(p.bins) * ${1 / Math.PI}), last);
  while (bin < last && c <= edges[bin]) { bin++; }
  while (bin > 0u && c > edges[bin - 1u]) { bin--; }
  ${fewBins ? "atomicAdd(&histogram[bin], 1u);" : `atomicAdd(&counts[${counts.bins}u + bin], 1u);`}
}`;

/** Lists a pair that comes before the last one that is wanted, or is it. What finds no room is counted all the same. */
const listText = `fn list_pair(gap: f32, i: u32, j: u32) {
  let bits = bitcast<u32>(gap);
  if (bits > p.last_gap || (bits == p.last_gap && (i > p.last_i || (i == p.last_i && j > p.last_j)))) { return; }
  let at = atomicAdd(&counts[${counts.listed}], 1u);
  if (at >= p.room) { return; }
  list[3u * at] = bits; list[3u * at + 1u] = i; list[3u * at + 2u] = j;
}`;

/** Takes in four pairs, row `i` with columns `j` … `j + 3`, as far as they are pairs i < j. */
function cellText({ energies, shareOf, about, angles, nearest, similar, within }: Collected): string {
  const far = energies.map(
    (pair, n) => `{
    var value: vec4f;
    ${farText(pair, ["value"])}
    value = select(vec4f(0.0), value, isFar);
    energy_${n} += value;
    ${n === shareOf ? "cell.share = value;" : ""}
  }`,
  );
  const near = energies.map(
    (pair, n) => `{
      var value: f32;
      ${nearText(pair, ["value"])}
      energy_${n}[n] += value;
      ${n === shareOf ? "cell.share[n] = value;" : ""}
    }`,
  );
  const gapOf = (space: "full" | "half") => `${space}_gap`;
  const one = [
    angles ? "count_angle(cosine[n]);" : "",
    within
      ? `if (${gapOf(within)}[n] <= p.within_gap) { pairs_within++; atomicStore(&counts[${counts.marks(0)}u + p.bins + j + n], 1u); }`
      : "",
    // Most pairs end here.
    similar
      ? `if (bitcast<u32>(${gapOf(similar)}[n]) <= p.last_gap) { list_pair(${gapOf(similar)}[n], i, j + n); }`
      : "",
  ].filter((text) => text !== "");
  return `struct Cell { share: vec4f, gap: vec4f }
fn take(product: vec4f, i: u32, j: u32) -> Cell {
  var cell: Cell;
  let columns = vec4u(j, j + 1u, j + 2u, j + 3u);
  let isPair = vec4<bool>(i < p.count) & (columns < vec4u(p.count)) & (columns > vec4u(i));
  let isNear = isPair & (abs(product) > vec4f(${nearCosine}));
  let isFar = isPair & !isNear;
  let c = select(vec4f(0.0), product, isFar);
  ${far.join("\n  ")}
  var cosine = c;
  var full_gap = vec4f(1.0) - c;
  var half_gap = vec4f(1.0) - abs(c);
  if (any(isNear)) {
    for (var n = 0u; n < 4u; n++) {
      if (!isNear[n]) { continue; }
      let sign = select(1.0, -1.0, product[n] < 0.0);
      let rest = rest_of(i, j + n, sign);
      let u = select(4.0 - rest, rest, sign > 0.0);
      let v = select(rest, 4.0 - rest, sign > 0.0);
      cosine[n] = sign * (1.0 - 0.5 * rest);
      full_gap[n] = 0.5 * u;
      half_gap[n] = 0.5 * rest;
      ${near.join("\n      ")}
    }
  }
  cosines += cosine;
  sizes += abs(cosine);
  squares += cosine * cosine;
  ${
    about
      ? `let own = about[p.first_row + min(i, p.count - 1u)];
  for (var n = 0u; n < 4u; n++) {
    if (!isPair[n]) { continue; }
    let other = about[p.first_row + j + n];
    let c_about = own.x * other.x * cosine[n] - own.y * other.z - own.z * other.y;
    about_sizes[n] += abs(c_about);
    about_squares[n] += c_about * c_about;
  }`
      : ""
  }
  ${one.length > 0 ? `for (var n = 0u; n < 4u; n++) {\n    if (!isPair[n]) { continue; }\n    ${one.join("\n    ")}\n  }` : ""}
  ${nearest ? `cell.gap = select(vec4f(${noGap}), ${gapOf(nearest)}, isPair);` : ""}
  return cell;
}`;
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
        if (cell.gap[n] < own_gaps[${4 * i}u + r]) { own_gaps[${4 * i}u + r] = cell.gap[n]; own_nearest[${4 * i}u + r] = column + n; }
      }
      let isCloser = cell.gap < their_gaps[${j}];
      their_gaps[${j}] = select(their_gaps[${j}], cell.gap, isCloser);
      their_nearest[${j}] = select(their_nearest[${j}], vec4u(row + r), isCloser);`
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
  if (group.x < group.y) {
    if (t == 0u) { ${names.map((_, n) => `sums[${n}u * slots + slot] = 0.0;`).join(" ")} }
    return;
  }
  let row_tile = p.first_tile + group.y;
  let column_tile = p.first_tile + group.x;
  ${placeText(blocking)}
  ${accumulatorsText(blocking)}
  ${productText(blocking, rowsSide(blocking, "row_tile", "p.first_quad"), rowsSide(blocking, "column_tile", "p.first_quad"), "p.quads")}
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

/** A tile's rows and columns: shares added up in the order of threads, the nearest by keys, of equals the first. */
function partsText(collected: Collected): string {
  const { blocking, shareOf, nearest } = collected;
  const { side, per } = blocking;
  const wide = side / per;
  const groups = range(per / 4);
  const ofRow = (i: number, r: string) => `4u * (${quadText("ty", i, blocking)}) + ${r}`;
  const ofColumn = (j: number, n: string) => `4u * (${quadText("tx", j, blocking)}) + ${n}`;
  const each = (text: (group: number) => string) =>
    groups.map((g) => `for (var n = 0u; n < 4u; n++) { ${text(g)} }`).join(" ");
  const shares = `for (var turn = 0u; turn < ${wide}u; turn++) {
    if (tx == turn) { ${each((i) => `row_shares[${ofRow(i, "n")}] += own_shares[${4 * i}u + n];`)} }
    if (ty == turn) { ${each((j) => `column_shares[${ofColumn(j, "n")}] += their_shares[${j}][n];`)} }
    workgroupBarrier();
  }`;
  const key = (gap: string) => `select(0u, ~bitcast<u32>(${gap}), ${gap} < ${noGap})`;
  const keys = `${each((i) => `atomicMax(&row_keys[${ofRow(i, "n")}], ${key(`own_gaps[${4 * i}u + n]`)});`)}
  ${each((j) => `atomicMax(&column_keys[${ofColumn(j, "n")}], ${key(`their_gaps[${j}][n]`)});`)}
  workgroupBarrier();
  ${each(
    (i) => `{ let own = ${key(`own_gaps[${4 * i}u + n]`)};
    if (own != 0u && own == atomicLoad(&row_keys[${ofRow(i, "n")}])) { atomicMax(&row_others[${ofRow(i, "n")}], ~own_nearest[${4 * i}u + n]); } }`,
  )}
  ${each(
    (j) => `{ let own = ${key(`their_gaps[${j}][n]`)};
    if (own != 0u && own == atomicLoad(&column_keys[${ofColumn(j, "n")}])) { atomicMax(&column_others[${ofColumn(j, "n")}], ~their_nearest[${j}][n]); } }`,
  )}
  workgroupBarrier();`;
  const values: Readonly<Record<string, (which: string) => string>> = {
    share: (which) => `bitcast<u32>(${which}_shares[n])`,
    key: (which) => `atomicLoad(&${which}_keys[n])`,
    other: (which) => `atomicLoad(&${which}_others[n])`,
  };
  const writes = partNames(collected).map(
    (name, n) =>
      `parts[${n}u * section + at_row] = ${values[name]!("row")}; parts[${n}u * section + at_column] = ${values[name]!("column")};`,
  );
  return `${shareOf === undefined ? "" : shares}
  ${nearest ? keys : ""}
  let half_section = slots * ${side}u;
  let section = 2u * half_section;
  for (var n = t; n < ${side}u; n += ${threadsOf(blocking)}u) {
    let at_row = group.x * p.height * ${side}u + group.y * ${side}u + n;
    let at_column = half_section + group.y * p.across * ${side}u + group.x * ${side}u + n;
    ${writes.join("\n    ")}
  }`;
}
