/** A·Bᵀ: each thread makes the dot products of the rows and columns that its layout gives it. */
import type { Engine } from "../device/engine.js";
import { bandView, type Layout, layoutOf, type Packed, readQuad, rowView } from "./layout.js";

/** What happens to a dot product before it is stored. */
export interface DotFinish {
  readonly name: string;
  /**
   * Kernel text over `s`, the dot product of row `i` of A and row `j` of B (both within their batch entry), which leaves
   * its result in `s`; `distance("sign")` is text that adds ‖a_i − sign·b_j‖² to `u`. It is absent where results are
   * host memory: there a loop under a condition costs what it would cost everywhere.
   */
  text(names: { s: string; i: string; j: string; distance?: (sign: string) => string }): string;
  readonly constants: Readonly<Record<string, number>>;
}

export interface DotOptions {
  readonly finish?: DotFinish | undefined;
  /** What `finish` counts from: numbers of the first rows of A and of B. */
  readonly firstRow?: number;
  readonly firstColumn?: number;
}

/**
 * @param a as {@link asLeft} gives it
 * @returns `[batch, rows, columns]` in the engine's layout
 */
export function dotProducts(engine: Engine, a: Packed, b: Packed, options: DotOptions = {}): Packed {
  const { finish, firstRow = 0, firstColumn = 0 } = options;
  const [rows, columns] = [a.rows, b.rows];
  const layout = layoutOf(engine);
  const batch = Math.max(a.batch, b.batch);
  const quads = a.width / 4;
  const constants = {
    rowsA: a.rows,
    rowsB: b.rows,
    bandsA: a.rows / 4,
    width: layout === "quads" ? quads : a.width,
    whole: Math.floor(a.width / 4) * 4,
    ...finish?.constants,
  };
  const batches = [a.batch, b.batch].map((size) => (size === 1 ? "one" : "each")).join();
  const extent = {
    quads: [columns / 4, rows, batch],
    bands: [columns, rows / 4, batch],
    plain: [columns, rows, batch],
  } as const;
  const array = engine.run(
    {
      name: `dot products ${layout} ${batches} ${finish?.name ?? ""}`,
      source: () => sources[layout](engine, a.batch > 1, b.batch > 1, finish),
      constants,
    },
    layout === "bands"
      ? [bandView({ ...a, array: a.bands! }), rowView(b), firstRow, firstColumn]
      : [a.array, b.array, firstRow, firstColumn],
    extent[layout],
    [batch, rows, columns],
    layout === "plain" ? 1 : 4,
  );
  return { array, batch, rows, width: columns };
}

type Source = (engine: Engine, manyA: boolean, manyB: boolean, finish: DotFinish | undefined) => string;

const offset = (many: boolean, rows: string) => (many ? `this.thread.z * this.constants.${rows} + ` : "");

const four = [0, 1, 2, 3] as const;

const sources: Record<Layout, Source> = {
  /** One row of A, four of B, four numbers of each at a time. */
  quads(engine, manyA, manyB, finish) {
    const rowA = `(${offset(manyA, "rowsA")}this.thread.y) * this.constants.width + k`;
    const rowB = (c: number) => `(${offset(manyB, "rowsB")}this.thread.x * 4 + ${c}) * this.constants.width + k`;
    const p = readQuad(engine, "p", "a", rowA);
    const dot = (c: number) => {
      const q = readQuad(engine, `q${c}`, "b", rowB(c));
      return `${q.declaration} s${c} += ${p.parts.map((part, n) => `${part} * ${q.parts[n]}`).join(" + ")};`;
    };
    const distance = (c: number) => (sign: string) => {
      const q = readQuad(engine, "q", "b", rowB(c));
      const terms = p.parts.map((part, n) => `const d${n} = ${part} - ${sign} * ${q.parts[n]};`).join(" ");
      return `for (let k = 0; k < this.constants.width; k++) {
        ${p.declaration} ${q.declaration} ${terms} u += d0 * d0 + d1 * d1 + d2 * d2 + d3 * d3;
      }`;
    };
    const finished = four.map((c) =>
      finish?.text({
        s: `s${c}`,
        i: "(top + this.thread.y)",
        j: `(first + this.thread.x * 4 + ${c})`,
        distance: distance(c),
      }),
    );
    return `function(a, b, top, first) {
      let s0 = 0; let s1 = 0; let s2 = 0; let s3 = 0;
      for (let k = 0; k < this.constants.width; k++) { ${p.declaration} ${four.map(dot).join(" ")} }
      ${finished.join("\n")}
      return [s0, s1, s2, s3];
    }`;
  },

  /** Four rows of A, which all lanes share, and one of B. */
  bands(_engine, manyA, manyB, finish) {
    const atA = (r: number) => `a[${offset(manyA, "bandsA")}this.thread.y][k][${r}]`;
    const atB = `b[${offset(manyB, "rowsB")}this.thread.x][k]`;
    const finished = four.map((r) =>
      finish?.text({
        s: `s${r}`,
        i: `(top + this.thread.y * 4 + ${r})`,
        j: "(first + this.thread.x)",
      }),
    );
    return `function(a, b, top, first) {
      let s0 = 0; let s1 = 0; let s2 = 0; let s3 = 0;
      for (let k = 0; k < this.constants.width; k++) {
        const q = ${atB};
        ${four.map((r) => `s${r} += ${atA(r)} * q;`).join(" ")}
      }
      ${finished.join("\n")}
      return [s0, s1, s2, s3];
    }`;
  },

  /** Four partial sums, so that an addition need not wait for the one before. */
  plain(_engine, manyA, manyB, finish) {
    const at = (k: string) => `a[p + ${k}] * b[q + ${k}]`;
    const finished = finish?.text({ s: "s0", i: "(top + this.thread.y)", j: "(first + this.thread.x)" }) ?? "";
    return `function(a, b, top, first) {
      const p = (${offset(manyA, "rowsA")}this.thread.y) * this.constants.width;
      const q = (${offset(manyB, "rowsB")}this.thread.x) * this.constants.width;
      let s0 = 0; let s1 = 0; let s2 = 0; let s3 = 0;
      for (let k = 0; k < this.constants.whole; k += 4) {
        s0 += ${at("k")}; s1 += ${at("k + 1")}; s2 += ${at("k + 2")}; s3 += ${at("k + 3")};
      }
      for (let k = this.constants.whole; k < this.constants.width; k++) { s1 += ${at("k")}; }
      s0 = (s0 + s1) + (s2 + s3);
      ${finished}
      return s0;
    }`;
  },
};
