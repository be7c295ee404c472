/**
 * Products of matrices by blocking: a workgroup computes a square tile, its threads a square of numbers each, in registers. Both sides pass
 * through workgroup memory in slabs, as vectors of four along the tile's side, so that a thread reads `per` numbers of each side for `per`²
 * multiply-adds, and the workgroup 2·side numbers of global memory for side² of them.
 */

/** How a tile is cut. */
export interface Blocking {
  /** Rows and columns of a tile. */
  readonly side: number;
  /** Rows and columns of a thread: 4 or 8. */
  readonly per: number;
  /** Numbers along the inner axis that are in workgroup memory at once. */
  readonly depth: number;
}

export function threadsOf({ side, per }: Blocking): number {
  return (side / per) ** 2;
}

/** Numbers read from global memory for each entry of the product, of inner length `dim`. */
export function loadsPerEntry({ side }: Blocking, dim: number): number {
  return (2 * dim) / side;
}

/** Bytes of workgroup memory, with what sums of threads take. */
export function workgroupBytes(blocking: Blocking): number {
  return 2 * blocking.side * blocking.depth * 4 + threadsOf(blocking) * 4;
}

/** How one side of a product gets into workgroup memory. */
export interface Side {
  /**
   * An expression of type `mat4x4f`: 4×4 numbers, column q holding four entries along the tile's side at inner position 4·k4 + q. May use
   * `m4`, the quad along the side, `k4`, the quad along the inner axis, both from the tile's and the slab's start, and `slab`, its first quad.
   */
  readonly block: string;
  /** Along which axis numbers lie side by side in memory: neighbouring threads go along it. */
  readonly contiguous: "side" | "inner";
}

/** Declarations that {@link productText} needs. */
export function productDeclarations({ side, depth }: Blocking): string {
  const size = (side / 4) * depth;
  return `var<workgroup> left_slab: array<vec4f, ${size}>;
var<workgroup> right_slab: array<vec4f, ${size}>;`;
}

const range = (count: number) => Array.from({ length: count }, (_, n) => n);

/** Where a thread's numbers stand in the tile: row group i and column group j are quads `ty + i·wide` and `tx + j·wide`. */
export function placeText({ side, per }: Blocking): string {
  return `let tx = t % ${side / per}u; let ty = t / ${side / per}u;`;
}

/** The quad along the side of a thread's n-th group. */
export function quadText(axis: "tx" | "ty", n: number, { side, per }: Blocking): string {
  return n === 0 ? axis : `${axis} + ${(n * side) / per}u`;
}

/** The accumulator of the thread's row r, four columns of group j. */
export function accumulator(r: number, j: number): string {
  return `acc${r}_${j}`;
}

export function accumulatorsText({ per }: Blocking): string {
  return range(per)
    .flatMap((r) => range(per / 4).map((j) => `var ${accumulator(r, j)} = vec4f(0.0);`))
    .join(" ");
}

/**
 * Statements that add the product of both sides to the accumulators. `quads` is the inner length in quads, a multiple of depth/4.
 */
export function productText(blocking: Blocking, left: Side, right: Side, quads: string): string {
  const { side, per, depth } = blocking;
  const [width, groups, threads] = [side / 4, per / 4, threadsOf(blocking)];
  const blocks = width * (depth / 4);
  const load = (slab: string, { block, contiguous }: Side, index: string) => {
    const [m4, k4] =
      contiguous === "side"
        ? [`${index} % ${width}u`, `${index} / ${width}u`]
        : [`${index} / ${depth / 4}u`, `${index} % ${depth / 4}u`];
    const store = range(4).map((q) => `${slab}[(4u * k4 + ${q}u) * ${width}u + m4] = block[${q}];`);
    return `let m4 = ${m4}; let k4 = ${k4}; let block = ${block}; ${store.join(" ")}`;
  };
  /** Statements for the blocks that begin at `offset`, of the 2·blocks that all threads load together. */
  const loads = range(Math.ceil((2 * blocks) / threads)).map((turn) => {
    const [from, to] = [turn * threads, Math.min((turn + 1) * threads, 2 * blocks)];
    const own = `let index = t + ${from}u;`;
    const other = `let index = t + ${from}u - ${blocks}u;`;
    if (to <= blocks) return `{ ${own} ${load("left_slab", left, "index")} }`;
    if (from >= blocks) {
      const inside = to - from < threads ? `if (t < ${to - from}u) ` : "";
      return `${inside}{ ${other} ${load("right_slab", right, "index")} }`;
    }
    const inside = to - from < threads ? `else if (t < ${to - from}u)` : "else";
    return `if (t < ${blocks - from}u) { ${own} ${load("left_slab", left, "index")} }
      ${inside} { ${other} ${load("right_slab", right, "index")} }`;
  });
  const reads = range(groups).flatMap((n) => [
    `let a${n} = left_slab[k * ${width}u + ${quadText("ty", n, blocking)}];`,
    `let b${n} = right_slab[k * ${width}u + ${quadText("tx", n, blocking)}];`,
  ]);
  const adds = range(per).flatMap((r) =>
    range(groups).map((j) => `${accumulator(r, j)} += a${Math.floor(r / 4)}[${r % 4}] * b${j};`),
  );
  return `for (var slab = 0u; slab < ${quads}; slab += ${depth / 4}u) {
    ${loads.join("\n    ")}
    workgroupBarrier();
    for (var k = 0u; k < ${depth}u; k++) {
      ${reads.join(" ")}
      ${adds.join(" ")}
    }
    workgroupBarrier();
  }`;
}

/** Declarations and statements that add up `sum` over the threads of a workgroup, and run `last` in the first thread, `partial[0]` the total. */
export function sumDeclarations(threads: number): string {
  return `var<workgroup> partial: array<f32, ${threads}>;`;
}

export function sumText(threads: number, sum = "sum"): string {
  const steps = [];
  for (let half = threads / 2; half >= 1; half /= 2) {
    steps.push(`if (t < ${half}u) { partial[t] += partial[t + ${half}u]; } workgroupBarrier();`);
  }
  return `partial[t] = ${sum}; workgroupBarrier();
  ${steps.join("\n  ")}`;
}
