/** What tiles found of each row, put together, and cosines of chosen pairs with all their digits. */
import type { Binding, Kernel } from "../device/kernel.js";
import { type Collected, partNames } from "./statistics-layout.js";

/**
 * Each row of a band, and each row that its columns are, of a square band, whose columns begin with its rows, both at once: the sum of its shares, and its nearest row's key and number, flipped. A tile's rows lie
 * behind its tile's column, its columns behind its tile's row: neighbouring threads read neighbours.
 */
export function mergePartsKernel(collected: Pick<Collected, "blocking" | "shareOf" | "nearest">): Kernel {
  const { blocking, shareOf, nearest } = collected;
  const { side } = blocking;
  const names = partNames(collected);
  const at = (name: string) => `${names.indexOf(name)}u`;
  const hasShare = shareOf !== undefined;
  const take = [
    // Sums of 16, added up: the error grows with the number of sums, not of numbers.
    hasShare
      ? `some += bitcast<f32>(parts[${at("share")} * p.section + at]); taken++; if (taken % 16u == 0u) { share += some; some = 0.0; }`
      : "",
    nearest
      ? `let its_key = parts[${at("key")} * p.section + at]; let its_other = parts[${at("other")} * p.section + at];
    if (its_key > key || (its_key == key && its_other > other)) { key = its_key; other = its_other; }`
      : "",
  ].join("\n    ");
  const results: Readonly<Record<string, string>> = { share: "bitcast<u32>(share + some)", key: "key", other: "other" };
  return {
    name: `merge parts ${hasShare} ${nearest !== undefined} ${side}`,
    parameters: {
      ...{ rows: "u32", across: "u32", height: "u32", section: "u32" },
      ...{ is_square: "u32", takes_rows: "u32", takes_columns: "u32" },
    },
    arrays: { parts: { type: "u32" }, merged: { type: "u32", writes: true } },
    threads: 64,
    body: () => `let n = group.x * 64u + t;
  if (n >= p.rows) { return; }
  let tile = n / ${side}u;
  ${hasShare ? "var share = 0.0; var some = 0.0; var taken = 0u;" : ""}
  ${nearest ? "var key = 0u; var other = 0u;" : ""}
  let first = select(0u, tile, p.is_square == 1u);
  for (var column = select(p.across, first, p.takes_rows == 1u && tile < p.height); column < p.across; column++) {
    let at = column * p.height * ${side}u + n;
    ${take}
  }
  let end = select(p.height, min(p.height, tile + 1u), p.is_square == 1u);
  for (var row = 0u; row < select(0u, end, p.takes_columns == 1u); row++) {
    let at = p.section / 2u + row * p.across * ${side}u + n;
    ${take}
  }
  ${names.map((name, k) => `merged[${k}u * p.rows + n] = ${results[name]};`).join(" ")}`,
  };
}

/** `[pairs, 2]`: x_iᵀx_j, and 2 − 2|c| from differences, of each pair (i, j) of a list. */
export function chosenPairsKernel(unitRows: boolean): Kernel {
  const bindings: Record<string, Binding> = {
    x: { type: "vec4f" },
    pairs: { type: "u32" },
    ...(unitRows ? {} : { inverse: { type: "f32" } }),
    result: { type: "f32", writes: true },
  };
  const deficit = (row: string) => `let own_${row} = p.root * inverse[${row}]; rest += own_${row} * own_${row};`;
  return {
    name: `chosen pairs ${unitRows}`,
    parameters: { quads: "u32", root: "f32" },
    arrays: bindings,
    threads: 64,
    declarations: () => "var<workgroup> partial: array<vec4f, 64>;",
    body: () => `let i = pairs[2u * group.x]; let j = pairs[2u * group.x + 1u];
  let own = i * p.quads;
  let other = j * p.quads;
  var sum = vec4f(0.0);
  for (var k = t; k < p.quads; k += 64u) {
    let a = x[own + k]; let b = x[other + k];
    sum += vec4f(dot(a, b), dot(a - b, a - b), dot(a + b, a + b), 0.0);
  }
  partial[t] = sum;
  workgroupBarrier();
  for (var half = 32u; half > 0u; half /= 2u) {
    if (t < half) { partial[t] += partial[t + half]; }
    workgroupBarrier();
  }
  if (t == 0u) {
    let total = partial[0];
    var rest = select(total.y, total.z, total.x < 0.0);
    ${unitRows ? "" : `${deficit("i")} ${deficit("j")}`}
    result[2u * group.x] = total.x;
    result[2u * group.x + 1u] = rest;
  }`,
  };
}
