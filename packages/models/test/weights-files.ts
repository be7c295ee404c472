/** The same weights in every format, written by hand: what the readers must agree on. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { zipSync } from "fflate";
import { onnxFile } from "./onnx-file.mjs";

export interface Matrix {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

const bytesOf = (data: Float32Array) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

export function safetensorsBytes(
  tensors: readonly { name: string; dtype: string; shape: readonly number[]; bytes: Uint8Array }[],
): Uint8Array {
  let offset = 0;
  const header: Record<string, unknown> = { __metadata__: { made: "by a test" } };
  for (const { name, dtype, shape, bytes } of tensors) {
    header[name] = { dtype, shape, data_offsets: [offset, offset + bytes.length] };
    offset += bytes.length;
  }
  return safetensorsWith(JSON.stringify(header), ...tensors.map(({ bytes }) => bytes));
}

/** A header as given, sound or not. */
export function safetensorsWith(header: string, ...parts: Uint8Array[]): Uint8Array {
  const text = new TextEncoder().encode(header);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(text.length), true);
  return concat(length, text, ...parts);
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    result.set(part, offset);
    offset += part.length;
  }
  return result;
}

export function npyBytes(shape: readonly number[], bytes: Uint8Array, descr = "<f4", fortran = false): Uint8Array {
  const list = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  let header = `{'descr': '${descr}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': (${list}), }`;
  header = `${header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11)}\n`;
  const start = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length % 256, header.length >> 8);
  return concat(start, new TextEncoder().encode(header), bytes);
}

export const half = {
  /** Truncation to bfloat16. */
  bfloat16(data: Float32Array): Uint8Array {
    const bits = new Uint32Array(data.buffer, data.byteOffset, data.length);
    return new Uint8Array(Uint16Array.from(bits, (value) => value >>> 16).buffer);
  },
  /** For numbers that float16 holds exactly: 0 or 2^−14 ≤ |x| < 65504. */
  float16(data: Float32Array): Uint8Array {
    const bits = new Uint32Array(data.buffer, data.byteOffset, data.length);
    const code = (value: number) => {
      if ((value & 0x7fffffff) === 0) return 0;
      const exponent = ((value >>> 23) & 255) - 112;
      return ((value >>> 16) & 0x8000) | (exponent << 10) | ((value >>> 13) & 0x3ff);
    };
    return new Uint8Array(Uint16Array.from(bits, code).buffer);
  },
};

export function write(folder: string, name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return path;
}

/** One file for each format; `matrix` lies with neurons as rows. */
export function writeAll(folder: string, { name, shape, data }: Matrix): Record<string, string> {
  const [count, dim] = shape as [number, number];
  const transposed = new Float32Array(data.length);
  for (let i = 0; i < count; i++) for (let k = 0; k < dim; k++) transposed[k * count + i] = data[i * dim + k]!;
  const bigEndian = bytesOf(data).slice();
  for (let n = 0; n < bigEndian.length; n += 4) bigEndian.subarray(n, n + 4).reverse();
  const plain = npyBytes(shape, bytesOf(data));
  const manifest = (dtype: string) => [
    {
      paths: [`${dtype}-1.bin`, `${dtype}-2.bin`],
      weights: [
        {
          name: `${name}/kernel`,
          shape: [dim, count],
          dtype: "float32",
          ...(dtype === "float16" ? { quantization: { dtype } } : {}),
        },
      ],
    },
  ];
  const topology = { model_config: { config: { layers: [{ class_name: "Dense", config: { name } }] } } };
  const shards = (dtype: string, bytes: Uint8Array) => {
    write(folder, `${dtype}-1.bin`, bytes.slice(0, 10));
    write(folder, `${dtype}-2.bin`, bytes.slice(10));
  };
  shards("float32", bytesOf(transposed));
  shards("float16", half.float16(transposed));
  return {
    safetensors: write(
      folder,
      "m.safetensors",
      safetensorsBytes([{ name, dtype: "F32", shape, bytes: bytesOf(data) }]),
    ),
    "safetensors bfloat16": write(
      folder,
      "b.safetensors",
      safetensorsBytes([{ name, dtype: "BF16", shape, bytes: half.bfloat16(data) }]),
    ),
    "safetensors float16": write(
      folder,
      "h.safetensors",
      safetensorsBytes([{ name, dtype: "F16", shape, bytes: half.float16(data) }]),
    ),
    onnx: write(folder, "m.onnx", onnxFile([{ name, shape: [count, dim], data }])),
    npy: write(folder, "m.npy", plain),
    "npy fortran": write(folder, "f.npy", npyBytes(shape, bytesOf(transposed), "<f4", true)),
    "npy big-endian": write(folder, "e.npy", npyBytes(shape, bigEndian, ">f4")),
    "npy float16": write(folder, "h.npy", npyBytes(shape, half.float16(data), "<f2")),
    "npz stored": write(folder, "s.npz", zipSync({ [`${name}.npy`]: plain }, { level: 0 })),
    "npz compressed": write(folder, "c.npz", zipSync({ [`${name}.npy`]: plain }, { level: 6 })),
    "tfjs layers model": write(
      folder,
      "model.json",
      JSON.stringify({ modelTopology: topology, weightsManifest: manifest("float32") }),
    ),
    "tfjs manifest, float16": write(folder, "weights_manifest.json", JSON.stringify(manifest("float16"))),
  };
}

/**
 * TensorFlow.js manifests of one kernel `[in, out]`, quantized as tensorflowjs_converter does: codes of a uniform scale between the least
 * and the largest number.
 */
export function writeQuantized(
  folder: string,
  name: string,
  shape: readonly number[],
  data: Float32Array,
): Record<string, string> {
  const [min, max] = [Math.min(...data), Math.max(...data)];
  return Object.fromEntries(
    ([["uint8", Uint8Array, 255] as const, ["uint16", Uint16Array, 65_535] as const] as const).map(
      ([dtype, Codes, most]) => {
        const scale = (max - min) / most;
        const codes = new Codes(data.map((value) => Math.round((value - min) / scale)));
        write(folder, `${dtype}.bin`, new Uint8Array(codes.buffer as ArrayBuffer));
        const weights = [{ name: `${name}/kernel`, shape, dtype: "float32", quantization: { dtype, scale, min } }];
        return [
          `tfjs ${dtype}`,
          write(folder, `${dtype}.json`, JSON.stringify([{ paths: [`${dtype}.bin`], weights }])),
        ];
      },
    ),
  );
}
