/** K·X: each thread adds up rows of X, weighted by its row, or rows, of K. */
import type { Engine } from "../device/engine.js";
import { bandView, type Layout, layoutOf, type Packed, readQuad, rowView } from "./layout.js";

export interface WeightedSumOptions {
  /** The sums so far, in this layout; absent: 0. */
  readonly sums?: Packed | undefined;
  /** A code for each weight w of row i and column j: beyond ±100, w adds w·(x_j ∓ own_i) to row i and no longer w·x_j. */
  readonly near?: { readonly codes: Packed; readonly own: Packed } | undefined;
}

/** `[batch, rows of K, width of X]`, in the engine's layout. */
export function weightedSums(engine: Engine, k: Packed, x: Packed, options: WeightedSumOptions = {}): Packed {
  const { sums, near } = options;
  const layout = layoutOf(engine);
  const batch = Math.max(k.batch, x.batch);
  const isQuads = layout === "quads";
  const constants = {
    rowsK: k.rows,
    rowsX: x.rows,
    rowsOwn: near?.own.rows ?? 0,
    bandsK: k.rows / 4,
    columns: isQuads ? k.width / 4 : k.width,
    width: isQuads ? x.width / 4 : x.width,
  };
  const extent = {
    quads: [x.width / 4, k.rows, batch],
    bands: [x.width, k.rows / 4, batch],
    plain: [x.width, k.rows, batch],
  } as const;
  const variant: Variant = {
    manyK: k.batch > 1,
    manyX: x.batch > 1,
    hasSums: sums !== undefined,
    hasNear: near !== undefined,
  };
  const ofK = (packed: Packed) => (layout === "bands" ? bandView(packed) : packed.array);
  const ofX = (packed: Packed) => (layout === "bands" ? rowView(packed) : packed.array);
  const operands = [ofK(k), ofX(x), ...(sums ? [ofK(sums)] : []), ...(near ? [ofK(near.codes), ofX(near.own)] : [])];
  const array = engine.run(
    {
      name: `weighted sums ${layout} ${Object.values(variant).join()}`,
      source: () => sources[layout](engine, variant),
      constants,
    },
    operands,
    extent[layout],
    [batch, k.rows, x.width],
    layout === "plain" ? 1 : 4,
  );
  return { array, batch, rows: k.rows, width: x.width };
}

interface Variant {
  readonly manyK: boolean;
  readonly manyX: boolean;
  readonly hasSums: boolean;
  readonly hasNear: boolean;
}

const four = [0, 1, 2, 3] as const;

const batchOffset = (many: boolean, rows: string) => (many ? `this.thread.z * this.constants.${rows} + ` : "");

const parameters = ({ hasSums, hasNear }: Variant) =>
  ["k", "x", ...(hasSums ? ["sums"] : []), ...(hasNear ? ["codes", "mine"] : [])].join(", ");

/** +1 where a code says near x_j, −1 near −x_j, else 0; without a branch. */
const sign = (code: string) => `Math.max(Math.min(${code} / 100, 1), -1)`;

const sources: Record<Layout, (engine: Engine, variant: Variant) => string> = {
  /** One row, four columns: a quad of weights goes with four quads of X. */
  quads(engine, variant) {
    const { manyK, manyX, hasSums, hasNear } = variant;
    const row = `${batchOffset(manyK, "rowsK")}this.thread.y`;
    const ofK = `(${row}) * this.constants.columns + j`;
    const w = readQuad(engine, "w", "k", ofK);
    const e = readQuad(engine, "e", "codes", ofK);
    const own = readQuad(
      engine,
      "own",
      "mine",
      `(${batchOffset(manyX, "rowsOwn")}this.thread.y) * this.constants.width + this.thread.x`,
    );
    const before = readQuad(engine, "before", "sums", `(${row}) * this.constants.width + this.thread.x`);
    const add = (c: 0 | 1 | 2 | 3) => {
      const at = `(${batchOffset(manyX, "rowsX")}j * 4 + ${c}) * this.constants.width + this.thread.x`;
      const q = readQuad(engine, `q${c}`, "x", at);
      const plain = four.map((n) => `s${n} += ${w.parts[c]} * ${q.parts[n]};`).join(" ");
      if (!hasNear) return `${q.declaration} ${plain}`;
      const near = four.map((n) => `s${n} += ${w.parts[c]} * (${q.parts[n]} - g${c} * ${own.parts[n]});`).join(" ");
      return `${q.declaration}
        if (${e.parts[c]} * ${e.parts[c]} > 10000) { const g${c} = ${sign(e.parts[c]!)}; ${near} } else { ${plain} }`;
    };
    return `function(${parameters(variant)}) {
      let s0 = 0; let s1 = 0; let s2 = 0; let s3 = 0;
      ${hasNear ? own.declaration : ""}
      for (let j = 0; j < this.constants.columns; j++) {
        ${w.declaration} ${hasNear ? e.declaration : ""}
        ${four.map(add).join(" ")}
      }
      ${hasSums ? `${before.declaration} ${four.map((n) => `s${n} += ${before.parts[n]};`).join(" ")}` : ""}
      return [s0, s1, s2, s3];
    }`;
  },

  /** Four rows, whose weights all lanes share, and one column. */
  bands(_engine, variant) {
    const { manyK, manyX, hasSums, hasNear } = variant;
    const band = `${batchOffset(manyK, "bandsK")}this.thread.y`;
    const ofK = (r: number) => `[${band}][j][${r}]`;
    const own = (r: number) => `mine[${batchOffset(manyX, "rowsOwn")}this.thread.y * 4 + ${r}][this.thread.x]`;
    const add = (r: number) => {
      const plain = `s${r} += k${ofK(r)} * q;`;
      if (!hasNear) return plain;
      // The code is the same in every lane: a branch, not a mask.
      return `if (codes${ofK(r)} * codes${ofK(r)} > 10000) {
        s${r} += k${ofK(r)} * (q - ${sign(`codes${ofK(r)}`)} * own${r});
      } else { ${plain} }`;
    };
    const before = (r: number) => `s${r} += sums[${band}][this.thread.x][${r}];`;
    return `function(${parameters(variant)}) {
      let s0 = 0; let s1 = 0; let s2 = 0; let s3 = 0;
      ${hasNear ? four.map((r) => `const own${r} = ${own(r)};`).join(" ") : ""}
      for (let j = 0; j < this.constants.columns; j++) {
        const q = x[${batchOffset(manyX, "rowsX")}j][this.thread.x];
        ${four.map(add).join(" ")}
      }
      ${hasSums ? four.map(before).join(" ") : ""}
      return [s0, s1, s2, s3];
    }`;
  },

  plain(_engine, variant) {
    const { manyK, manyX, hasSums, hasNear } = variant;
    const row = `${batchOffset(manyK, "rowsK")}this.thread.y`;
    const plain = "s += k[p + j] * x[q + j * this.constants.width];";
    const add = hasNear
      ? `const e = codes[p + j];
        if (e * e > 10000) { s += k[p + j] * (x[q + j * this.constants.width] - ${sign("e")} * own); } else { ${plain} }`
      : plain;
    return `function(${parameters(variant)}) {
      const p = (${row}) * this.constants.columns;
      const q = ${manyX ? "this.thread.z * this.constants.rowsX * this.constants.width + " : ""}this.thread.x;
      ${hasNear ? `const own = mine[(${batchOffset(manyX, "rowsOwn")}this.thread.y) * this.constants.width + this.thread.x];` : ""}
      let s = ${hasSums ? `sums[(${row}) * this.constants.width + this.thread.x]` : "0"};
      for (let j = 0; j < this.constants.columns; j++) { ${add} }
      return s;
    }`;
  },
};
