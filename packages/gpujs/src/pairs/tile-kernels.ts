/** What a tile of codes gives: the slope of each pair, and the energies of its rows. */
import type { PairSpec } from "@comhe/core";
import { type DeviceArray, sizeOf } from "../device/device-array.js";
import type { Engine } from "../device/engine.js";
import { bandView, type Layout, layoutOf, type Packed, readQuad } from "../kernels/layout.js";
import { pairName, pairText } from "../kernels/potential-text.js";

const four = [0, 1, 2, 3] as const;

/** K = ψ′ number by number. */
export function slopesOf(engine: Engine, codes: Packed, pair: PairSpec): Packed {
  const size = sizeOf(codes.array.shape);
  const name = `slopes ${pairName(pair)}`;
  const shape = codes.array.shape;
  if (!engine.onTextures) {
    const source = () =>
      `function(codes) { const e = codes[this.thread.x]; let r = 0; ${pairText(pair, "slope")} return r; }`;
    return { ...codes, array: engine.run({ name, source }, [codes.array], [size, 1, 1], shape) };
  }
  const source = () => {
    const text = pairText(pair, "slope");
    const q = readQuad(engine, "q", "codes", "this.thread.x");
    const part = (n: number) => `let r${n} = 0; { const e = ${q.parts[n]}; let r = 0; ${text} r${n} = r; }`;
    return `function(codes) { ${q.declaration} ${four.map(part).join("\n")} return [r0, r1, r2, r3]; }`;
  };
  return { ...codes, array: engine.run({ name, source }, [codes.array], [size / 4, 1, 1], shape, 4) };
}

/** Threads that share a row's sum where a GPU has many to give. */
const rowParts = 8;

/** `[batch, rows, parts]`: Σ_j ψ of each row, `times` over, added to what `before` holds. */
export function addRows(
  engine: Engine,
  codes: Packed,
  pair: PairSpec,
  times: number,
  before: DeviceArray | undefined,
): DeviceArray {
  const { batch, rows, width } = codes;
  const layout = layoutOf(engine);
  const parts = layout === "quads" ? Math.min(rowParts, width / 4) : 1;
  const each = Math.ceil(width / 4 / parts);
  const extents = {
    quads: [parts, rows, batch],
    bands: [4, rows / 4, batch],
    plain: [rows * batch, 1, 1],
  } as const;
  const [x, y, z] = extents[layout];
  const own = `(this.thread.z * ${y} + this.thread.y) * ${x} + this.thread.x`;
  return engine.run(
    {
      name: `rows ${pairName(pair)} ${layout} ${before !== undefined}`,
      source: () => `function(codes${before ? ", before" : ""}, times) {
        let sum = 0;
        ${rowLoop(engine, layout, pair)}
        return sum * times${before ? ` + before[${own}]` : ""};
      }`,
      constants: { rows, width, quads: Math.ceil(width / 4), bands: rows / 4, each },
    },
    [layout === "bands" ? bandView(codes) : codes.array, ...(before ? [before] : []), times],
    [x, y, z],
    [batch, rows, parts],
  );
}

/** Kernel text that adds up ψ over a row, or a thread's part of it, into `sum`. */
function rowLoop(engine: Engine, layout: Layout, pair: PairSpec): string {
  const text = pairText(pair, "value");
  const entry = (of: string) => `{ const e = ${of}; let r = 0; ${text} sum += r; }`;
  if (layout === "bands") {
    return `for (let j = 0; j < this.constants.width; j++) {
      ${entry("codes[this.thread.z * this.constants.bands + this.thread.y][j][this.thread.x]")}
    }`;
  }
  if (layout === "plain") {
    return `for (let j = 0; j < this.constants.width; j++) {
      ${entry("codes[this.thread.x * this.constants.width + j]")}
    }`;
  }
  const quad = "this.thread.x * this.constants.each + j";
  const row = "this.thread.z * this.constants.rows + this.thread.y";
  const q = readQuad(engine, "q", "codes", `(${row}) * this.constants.quads + ${quad}`);
  return `for (let j = 0; j < this.constants.each; j++) {
    if (${quad} < this.constants.quads) { ${q.declaration} ${q.parts.map(entry).join("\n")} }
  }`;
}
