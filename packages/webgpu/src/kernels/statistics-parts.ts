/** What a tile of the statistics' kernel says of each of its rows and columns, in WGSL: a share of the energy, and the nearest other row. */
import { quadText, threadsOf } from "./blocking.js";
import { type Collected, partNames } from "./statistics-layout.js";
import { noGap } from "./statistics-pair.js";

/** Workgroup memory for a tile's rows and columns. */
export function partsDeclarations({ blocking: { side }, shareOf, nearest }: Collected): string {
  const shares = ["row", "column"].map((which) => `var<workgroup> ${which}_shares: array<f32, ${side}>;`);
  const keys = ["row", "column"].map(
    (which) =>
      `var<workgroup> ${which}_keys: array<atomic<u32>, ${side}>; var<workgroup> ${which}_others: array<atomic<u32>, ${side}>;`,
  );
  return [...(shareOf === undefined ? [] : shares), ...(nearest ? keys : [])].join("\n");
}

/** A tile's rows and columns: shares added up in the order of threads, the nearest by keys, of equals the first. */
export function partsText(collected: Collected): string {
  const { blocking, shareOf, nearest } = collected;
  const { side, per } = blocking;
  const wide = side / per;
  const groups = Array.from({ length: per / 4 }, (_, n) => n);
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
