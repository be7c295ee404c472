/**
 * `npm run start-up --workspace=@comhe/cli`: how soon `npx comhe audit` prints what it reads on a model of 100 MB (24 seeded layers of
 * 1024×1024), how much of that is npx, how long it takes, and the share of reading, from ONNX, safetensors and TensorFlow.js.
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomStream } from "@comhe/core";
import { onnxFile } from "../../models/test/onnx-file.mjs";

const size = 1024;
const matrices = Array.from({ length: 24 }, (_, n) => ({
  name: `layer${n}`,
  shape: [size, size],
  data: randomStream(1, "matrix", n).fillNormal(new Float32Array(size * size)),
}));
const folder = mkdtempSync(join(tmpdir(), "comhe-start-up-"));
const raw = Buffer.concat(matrices.map(({ data }) => new Uint8Array(data.buffer)));
const path = (name) => join(folder, name);

/** As in a project that has the package installed. */
function installCommand() {
  writeFileSync(path("package.json"), '{ "private": true }');
  mkdirSync(path("node_modules/.bin"), { recursive: true });
  symlinkSync(main, path("node_modules/.bin/comhe"));
}

function writeModels() {
  writeFileSync(path("model.onnx"), onnxFile(matrices));
  const entries = matrices.map(({ name, shape }, n) => {
    const from = n * size * size * 4;
    return [name, { dtype: "F32", shape, data_offsets: [from, from + size * size * 4] }];
  });
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  writeFileSync(path("model.safetensors"), Buffer.concat([length, header, raw]));
  const shard = 4 * 2 ** 20;
  const paths = Array.from({ length: Math.ceil(raw.length / shard) }, (_, n) => `group1-shard${n + 1}.bin`);
  for (const [n, name] of paths.entries()) writeFileSync(path(name), raw.subarray(n * shard, (n + 1) * shard));
  const weights = matrices.map(({ name, shape }) => ({ name: `${name}/kernel`, shape, dtype: "float32" }));
  const layers = matrices.map(({ name }) => ({ class_name: "Dense", config: { name } }));
  const modelTopology = { model_config: { config: { layers } } };
  writeFileSync(path("model.json"), JSON.stringify({ modelTopology, weightsManifest: [{ paths, weights }] }));
}

const main = join(import.meta.dirname, "..", "dist", "main.js");
const bare = [process.execPath, main];
const npx = ["npx", "--no-install", "comhe"];

/** When it has said what the file holds, when the first layer was done, and when all were. */
async function audit([program, ...before], file) {
  const begin = performance.now();
  const seconds = () => (performance.now() - begin) / 1000;
  const child = spawn(program, [...before, "audit", path(file), "--format", "json", "--progress"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  let first;
  let firstLayer;
  let text = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
    if (/^Reading .* 24 layers .*\n/m.test(said)) first ??= seconds();
    if (/^\[1\//m.test(said)) firstLayer ??= seconds();
  });
  for await (const chunk of child.stdout) text += chunk;
  const total = seconds();
  const { layers, readMilliseconds } = JSON.parse(text);
  return { first, firstLayer, total, reading: readMilliseconds / 1000, layers: layers.length };
}

try {
  installCommand();
  writeModels();
  let late = 0;
  for (const file of ["model.onnx", "model.safetensors", "model.json"]) {
    const { first, firstLayer, total, reading, layers } = await audit(npx, file);
    const { first: own } = await audit(bare, file);
    if (!(first < 1)) late++;
    console.log(
      `${file.padEnd(18)} first line ${first.toFixed(2)} s (${own.toFixed(2)} s of it our own), first layer ${firstLayer.toFixed(2)} s, all ${layers} in ${total.toFixed(1)} s, ` +
        `of which reading ${reading.toFixed(2)} s (${((100 * reading) / total).toFixed(1)} %)`,
    );
  }
  if (late > 0) console.error(`wrong: expected a first line within 1 s`);
  process.exitCode = late > 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
