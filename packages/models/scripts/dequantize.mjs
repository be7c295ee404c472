/**
 * How fast quantized tensors of GGUF become numbers, by type: `npm run dequantize --workspace=@comhe/models`, after a build. Megabytes
 * are of the float32 numbers that come out; time is the processor's, on the one thread that does it.
 */
import { openModel } from "../dist/index.js";

/** Number of the type in a file, its name, numbers and bytes of a block. */
const types = [
  [2, "Q4_0", 32, 18],
  [3, "Q4_1", 32, 20],
  [6, "Q5_0", 32, 22],
  [7, "Q5_1", 32, 24],
  [8, "Q8_0", 32, 34],
  [10, "Q2_K", 256, 84],
  [11, "Q3_K", 256, 110],
  [12, "Q4_K", 256, 144],
  [13, "Q5_K", 256, 176],
  [14, "Q6_K", 256, 210],
  [20, "IQ4_NL", 32, 18],
  [23, "IQ4_XS", 256, 136],
  [39, "MXFP4", 32, 17],
  [1, "float16", 1, 2],
  [30, "bfloat16", 1, 2],
];
const [rows, width] = [2048, 4096];
const rounds = 5;

/** A file of one tensor whose scales are small halves, whatever lies where. */
function file(type, block, bytes) {
  const name = new TextEncoder().encode("w.weight");
  const header = new DataView(new ArrayBuffer(4 + 4 + 8 + 8 + 8 + name.length + 4 + 16 + 4 + 8));
  let at = 0;
  const put = (method, size, value) => {
    header[method](at, value, true);
    at += size;
  };
  new Uint8Array(header.buffer).set([0x47, 0x47, 0x55, 0x46]);
  at = 4;
  put("setUint32", 4, 3);
  put("setBigUint64", 8, 1n);
  put("setBigUint64", 8, 0n);
  put("setBigUint64", 8, BigInt(name.length));
  new Uint8Array(header.buffer).set(name, at);
  at += name.length;
  put("setUint32", 4, 2);
  put("setBigUint64", 8, BigInt(width));
  put("setBigUint64", 8, BigInt(rows));
  put("setUint32", 4, type);
  put("setBigUint64", 8, 0n);
  const start = Math.ceil(at / 32) * 32;
  const result = new Uint8Array(start + ((rows * width) / block) * bytes);
  result.set(new Uint8Array(header.buffer));
  for (let n = start; n < result.length; n++) result[n] = (n * 31 + (n >> 7)) & 0x3b;
  return result;
}

for (const [type, name, block, bytes] of types) {
  const model = await openModel(file(type, block, bytes), { name: `${name}.gguf` });
  const [layer] = model.layers;
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    const numbers = await layer.read();
    if (numbers.length !== rows * width) throw new Error(`${name}: ${numbers.length} numbers`);
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, user + system);
  }
  console.log(name.padEnd(10), `${((rows * width * 4) / best).toFixed(0).padStart(6)} MB/s`);
  await model.close();
}
