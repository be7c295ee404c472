/**
 * What the statistics' kernel does with a pair, as functions in WGSL: its rest and its gap, its bin, its place in the list, its energies.
 *
 * A pair's *gap* is 1 − c, in half space 1 − |c|. Near pairs have theirs from ‖x_i ∓ x_j‖², which has digits where the cosine has none; a
 * float32 number that isn't negative compares as its bits do, so that gaps are compared as whole numbers. Keys are gaps' bits, flipped: the
 * largest is the nearest, and 0, which workgroup memory begins with, is nobody.
 */
import { farText, nearCosine, nearText } from "./potential-text.js";
import { type Collected, counts } from "./statistics-layout.js";

/** Stands for the gap of what is no pair: larger than every gap. */
export const noGap = "9.0";

/** `take`, which takes in a row's pairs with four columns, and what it calls. */
export function pairFunctions(collected: Collected): string {
  const { angles, fewBins, similar } = collected;
  return [restText(collected), angles ? binText(fewBins) : "", similar ? listText : "", cellText(collected)]
    .filter((text) => text !== "")
    .join("\n");
}

/** 2 − 2c, or with `sign` −1 2 + 2c, from what is small itself. */
function restText({ unitRows }: Collected): string {
  const deficit = (row: string) => `let own_${row} = p.root * inverse[${row}]; rest += own_${row} * own_${row};`;
  return `fn rest_of(i: u32, j: u32, sign: f32) -> f32 {
  let own = i * p.quads;
  let other = j * p.quads;
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
      ? `if (bitcast<u32>(${gapOf(similar)}[n]) <= p.last_gap) { list_pair(${gapOf(similar)}[n], p.row_offset + i, p.column_offset + j + n); }`
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
      ? `let own = about[min(i, p.count - 1u)];
  for (var n = 0u; n < 4u; n++) {
    if (!isPair[n]) { continue; }
    let other = about[j + n];
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
