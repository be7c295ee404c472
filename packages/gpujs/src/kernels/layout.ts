/**
 * How matrices lie where kernels multiply them. A gpu.js thread returns one number, or four; what it reads is worth most
 * where it feeds all four, and where one read brings four numbers:
 *
 * | layout | modes | a thread makes | one step of a product reads | multiplies |
 * |---|---|---|---|---|
 * | `quads` | webgl, webgl2, headlessgl | 1 row × 4 columns | 5 texels of 4 numbers | 16 |
 * | `quads` | webgpu, whose buffers gpu.js reads number by number | 1 row × 4 columns | 20 numbers | 16 |
 * | `bands` | webasm, whose 4 lanes are neighbouring columns | 4 rows × 1 column | 4 numbers and 1 of each lane | 4 of each lane |
 * | `plain` | cpu | 1 row × 1 column, in 4 partial sums | 8 numbers | 4 |
 *
 * A kernel of one thread for each entry reads 2 numbers for 1 product.
 *
 * `quads`: a row is padded to whole quads. `bands`: four rows are interleaved. In all of them rows are padded with zeros to a
 * number that tiles divide.
 */
import type { DeviceArray } from "../device/device-array.js";
import type { Engine } from "../device/engine.js";
import type { View } from "../device/kernel-code.js";

export type Layout = "quads" | "bands" | "plain";

export function layoutOf({ mode }: Pick<Engine, "mode">): Layout {
  if (mode === "cpu") return "plain";
  return mode === "webasm" ? "bands" : "quads";
}

export const roundUp = (length: number, step: number) => Math.ceil(length / step) * step;

/** Rows ready to be read by kernels: `rows` of them, of `width` numbers. */
export interface Packed {
  readonly array: DeviceArray;
  /** Layout `bands`: the same rows, interleaved. */
  readonly bands?: DeviceArray;
  readonly batch: number;
  readonly rows: number;
  readonly width: number;
}

/** Kernel text that reads four numbers at once, and the names it gives them. */
export interface QuadText {
  readonly declaration: string;
  readonly parts: readonly [string, string, string, string];
}

/** @param index counts quads */
export function readQuad(engine: Engine, name: string, from: string, index: string): QuadText {
  if (engine.onTextures) {
    const parts = [`${name}[0]`, `${name}[1]`, `${name}[2]`, `${name}[3]`] as const;
    return { declaration: `const ${name} = ${from}[${index}];`, parts };
  }
  const parts = [`${name}0`, `${name}1`, `${name}2`, `${name}3`] as const;
  const declaration = parts.map((part, n) => `const ${part} = ${from}[(${index}) * 4 + ${n}];`).join(" ");
  return { declaration, parts };
}

/** Rows as the left side of {@link dotProducts} reads them. */
export function asLeft(engine: Engine, packed: Packed): Packed {
  if (layoutOf(engine) !== "bands") return packed;
  const { array, batch, rows, width } = packed;
  const bands = engine.run(
    {
      name: "interleave rows",
      source: () => "function(a) { return a[this.thread.z * 4 + this.thread.x][this.thread.y]; }",
    },
    [rowView(packed)],
    [4, width, (batch * rows) / 4],
    array.shape,
  );
  return { ...packed, bands };
}

/** Read as `a[row][k]`, rows through the whole batch. */
export function rowView({ array, batch, rows, width }: Packed): View {
  return { array, size: [width, batch * rows, 1] };
}

/** Read as `a[band][k][row of the band]`, bands through the whole batch. */
export function bandView({ array, batch, rows, width }: Packed): View {
  return { array, size: [4, width, (batch * rows) / 4] };
}

/** The transpose of what a kernel of this layout wrote, in this layout. */
export function transposeTile(engine: Engine, { array, batch, rows, width }: Packed): Packed {
  const layout = layoutOf(engine);
  const shape = [batch, width, rows];
  const turned = (from: DeviceArray) => ({ array: from, batch, rows: width, width: rows });
  if (layout === "plain") {
    const source = () => `function(a) {
      return a[(this.thread.z * this.constants.rows + this.thread.x) * this.constants.width + this.thread.y];
    }`;
    const code = { name: "transpose plain", source, constants: { rows, width } };
    return turned(engine.run(code, [array], [rows, width, batch], shape));
  }
  if (layout === "bands") {
    const part = (r: number) => `a[this.thread.z * this.constants.bands + band][this.thread.y * 4 + ${r}][part]`;
    const source = () => `function(a) {
      const band = Math.floor(this.thread.x / 4);
      const part = this.thread.x - band * 4;
      return [${[0, 1, 2, 3].map(part).join(", ")}];
    }`;
    const code = { name: "transpose bands", source, constants: { bands: rows / 4 } };
    return turned(engine.run(code, [bandView({ array, batch, rows, width })], [rows, width / 4, batch], shape, 4));
  }
  // A thread makes the quad of four rows in one column.
  const read = (r: number) => {
    const at = `(this.thread.z * this.constants.rows + this.thread.x * 4 + ${r}) * this.constants.quads + quad`;
    const q = readQuad(engine, `q${r}`, "a", at);
    return `${q.declaration} let v${r} = ${q.parts[0]};
      if (part > 0.5) { v${r} = ${q.parts[1]}; } if (part > 1.5) { v${r} = ${q.parts[2]}; } if (part > 2.5) { v${r} = ${q.parts[3]}; }`;
  };
  const source = () => `function(a) {
    const quad = Math.floor(this.thread.y / 4);
    const part = this.thread.y - quad * 4;
    ${[0, 1, 2, 3].map(read).join("\n")}
    return [v0, v1, v2, v3];
  }`;
  const code = { name: "transpose quads", source, constants: { rows, quads: width / 4 } };
  return turned(engine.run(code, [array], [rows / 4, width, batch], shape, 4));
}

/** Rows of `[batch, N, d]` from `first` on, zero rows beyond the last; in layout `quads` zero columns fill the last quad. */
export function pack(engine: Engine, array: DeviceArray, rows: number, first = 0): Packed {
  const [batch, count, dim] = array.shape as [number, number, number];
  const constants = { count, dim };
  const row = "this.thread.z * this.constants.count + first + this.thread.y";
  const isRow = "first + this.thread.y < this.constants.count";
  if (layoutOf(engine) !== "quads") {
    if (rows === count) return { array, batch, rows, width: dim };
    const source = () => `function(a, first) {
      if (${isRow}) { return a[(${row}) * this.constants.dim + this.thread.x]; }
      return 0;
    }`;
    const code = { name: "pack rows", source, constants };
    return { array: engine.run(code, [array, first], [dim, rows, batch], [batch, rows, dim]), batch, rows, width: dim };
  }
  const width = roundUp(dim, 4);
  const at = `(${row}) * this.constants.dim + this.thread.x * 4`;
  const part = (n: number) => `if (this.thread.x * 4 + ${n} < this.constants.dim) { p${n} = a[${at} + ${n}]; }`;
  const source = () => `function(a, first) {
    let p0 = 0; let p1 = 0; let p2 = 0; let p3 = 0;
    if (${isRow}) { ${[0, 1, 2, 3].map(part).join(" ")} }
    return [p0, p1, p2, p3];
  }`;
  const packed = engine.run(
    { name: "pack quads", source, constants },
    [array, first],
    [width / 4, rows, batch],
    [batch, rows, width],
    4,
  );
  return { array: packed, batch, rows, width };
}

/** What kernels of this layout wrote, `[batch, rows, width]` at least, as `[batch, N, d]` row by row. */
export function unpack(engine: Engine, { array, batch, rows, width }: Packed, count: number, dim: number): DeviceArray {
  const layout = layoutOf(engine);
  if (layout !== "bands" && !engine.onTextures && rows === count && width === dim) {
    return engine.reshape(array, [batch, count, dim]);
  }
  const constants = { rows, width };
  const row = "this.thread.z * this.constants.rows + this.thread.y";
  const source = {
    plain: `return a[(${row}) * this.constants.width + this.thread.x];`,
    bands: `const band = Math.floor(this.thread.y / 4);
      return a[this.thread.z * (this.constants.rows / 4) + band][this.thread.x][this.thread.y - band * 4];`,
    quads: `const quad = Math.floor(this.thread.x / 4);
      const part = this.thread.x - quad * 4;
      const q = a[(${row}) * (this.constants.width / 4) + quad];
      if (part < 0.5) { return q[0]; }
      if (part < 1.5) { return q[1]; }
      if (part < 2.5) { return q[2]; }
      return q[3];`,
  }[layout === "quads" && !engine.onTextures ? "plain" : layout];
  return engine.run(
    { name: `unpack ${layout}`, source: () => `function(a) { ${source} }`, constants },
    [layout === "bands" ? bandView({ array, batch, rows, width }) : array],
    [dim, count, batch],
    [batch, count, dim],
  );
}
