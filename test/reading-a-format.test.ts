/** The format of docs/usage/reading-a-format.md: the page shows this file, and it keeps what the page asks of a reader. */
import { readFileSync } from "node:fs";
import { EnergyError, energyAndGradient, referenceBackend } from "@comhe/core";
import { openModel } from "@comhe/models";
import { expect, it } from "vitest";
import { idx, openWithIdx } from "./examples/idx-format.js";
import { snippetsOf } from "./support/readme-snippets.js";

const rows = Float32Array.from({ length: 12 }, (_, n) => Math.sin(n * n));

function idxBytes(shape: readonly number[], numbers: ArrayLike<number>, code = 13): Uint8Array<ArrayBuffer> {
  const start = 4 + 4 * shape.length;
  const width = code === 8 ? 1 : code === 13 ? 4 : 8;
  const view = new DataView(new ArrayBuffer(start + width * numbers.length));
  view.setUint8(2, code);
  view.setUint8(3, shape.length);
  for (const [axis, size] of shape.entries()) view.setUint32(4 + 4 * axis, size);
  for (let n = 0; n < numbers.length; n++) {
    if (code === 8) view.setUint8(start + n, numbers[n]!);
    else if (code === 13) view.setFloat32(start + 4 * n, numbers[n]!);
    else view.setFloat64(start + 8 * n, numbers[n]!);
  }
  return new Uint8Array(view.buffer);
}

it("is what the page shows", () => {
  const source = readFileSync(new URL("./examples/idx-format.ts", import.meta.url), "utf8");
  expect(snippetsOf("docs/usage/reading-a-format.md").map(({ code }) => code)).toContain(source);
});

it.each([13, 14])("reads numbers of type %i, whole and in parts", async (code) => {
  const model = await openWithIdx(new File([idxBytes([3, 4], rows, code)], "vectors.idx"));
  expect(model.format).toBe("idx");
  const [layer] = model.layers;
  expect(layer).toMatchObject({ name: "array", shape: [3, 4], layout: "neurons-first" });
  expect([...(await layer!.read())]).toEqual([...rows]);
  expect([...(await layer!.readPart!(5, 3))]).toEqual([...rows.slice(5, 8)]);
  const { energy } = await energyAndGradient(referenceBackend(), {}, { data: rows, shape: [3, 4] });
  const found = await energyAndGradient(referenceBackend(), {}, { data: await layer!.read(), shape: [3, 4] });
  expect(found.energy).toBeCloseTo(energy, 12);
});

it("leaves integers out, with the reason", async () => {
  const { layers, skipped } = await openWithIdx(idxBytes([2, 2], [1, 2, 3, 4], 8));
  expect(layers).toEqual([]);
  expect(skipped[0]!.reason).toBe("uint8, not floating point");
});

it("refuses sizes that the file hasn't, and is refused itself where nobody knows it", async () => {
  const cut = idxBytes([3, 4], rows).slice(0, -4);
  for (const bytes of [cut, idxBytes([4_000_000_000, 4_000_000_000], rows)]) {
    const error = await openWithIdx(bytes).catch((reason: unknown) => reason);
    expect(EnergyError.isInstance(error) && error.code).toBe("invalid-file");
  }
  await expect(openModel(idxBytes([3, 4], rows))).rejects.toMatchObject({ code: "invalid-file" });
});

it("claims no other format's file", () => {
  for (const text of ["\x93NUMPY", "PK\x03\x04", "GGUF", '{"weightsManifest": []}', "\0\0\0\x1cftyp"]) {
    const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    expect(idx.detect(bytes, "file.idx", bytes.length), text).toBe(false);
  }
});
