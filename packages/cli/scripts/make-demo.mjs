/**
 * Writes demo/: the small model that `comhe audit --demo` audits. A transformer of four blocks that nobody trained, with three faults that are known: seven tokens
 * that are copies of one, three dead neurons, a collapsed head. Everything in it is drawn by this script, the same each time.
 *
 * node scripts/make-demo.mjs [FOLDER]
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { randomStream } from "@comhe/core";

export const [width, heads, blocks, inner] = [32, 2, 4, 64];

/** Syllables, and tokens that no text has. */
const syllables = [..."bdfgklmnprst"].flatMap((first) =>
  [..."aeiou"].flatMap((vowel) => [`${first}${vowel}`, ` ${first}${vowel}n`]),
);
export const tokens = [...syllables, ...Array.from({ length: 8 }, (_, n) => `<unused${n}>`)];

const draw = (name, count, dim) => randomStream(1, `demo ${name}`, 0).fillNormal(new Float32Array(count * dim));

/** float16, rounded to the nearest: the numbers are neither subnormal nor large. */
function halves(numbers) {
  const codes = new Uint16Array(numbers.length);
  const bits = new DataView(new ArrayBuffer(4));
  numbers.forEach((number, n) => {
    bits.setFloat32(0, number);
    const code = bits.getUint32(0);
    const sign = (code >>> 16) & 0x8000;
    const rest = (code & 0x7fffffff) - ((127 - 15) << 23);
    codes[n] = number === 0 || rest < 0 ? sign : sign | ((rest + 0xfff + ((rest >>> 13) & 1)) >>> 13);
  });
  return new Uint8Array(codes.buffer);
}

function tensorsOf() {
  const embedding = draw("tokens", tokens.length, width);
  const first = tokens.length - 8;
  for (let copy = 1; copy < 7; copy++) embedding.copyWithin((first + copy) * width, first * width, (first + 1) * width);
  const found = [["model.embed_tokens.weight", [tokens.length, width], embedding]];
  for (let block = 0; block < blocks; block++) {
    for (const part of ["q_proj", "k_proj", "v_proj", "o_proj"]) {
      const rows = draw(`${block} ${part}`, width, width);
      if (block === 3 && part === "q_proj") {
        // Head 1 asks the same question sixteen times over, a little differently each time.
        const size = width / heads;
        const question = draw("question", 1, width);
        for (let row = size; row < 2 * size; row++) {
          for (let k = 0; k < width; k++)
            rows[row * width + k] = question[k] * (1 + row / 40) + 0.25 * rows[row * width + k];
        }
      }
      found.push([`model.layers.${block}.self_attn.${part}.weight`, [width, width], rows]);
    }
    const up = draw(`${block} up`, inner, width);
    if (block === 1) for (const row of [7, 20, 41]) up.fill(0, row * width, (row + 1) * width);
    found.push([`model.layers.${block}.mlp.up_proj.weight`, [inner, width], up]);
    found.push([`model.layers.${block}.mlp.down_proj.weight`, [width, inner], draw(`${block} down`, width, inner)]);
  }
  return found;
}

/** The files of the demo by their names. */
export function demoFiles() {
  const header = { __metadata__: { format: "pt", made_by: "packages/cli/scripts/make-demo.mjs" } };
  const parts = [];
  let offset = 0;
  for (const [name, shape, numbers] of tensorsOf()) {
    const bytes = halves(numbers.map((number) => number / Math.sqrt(width)));
    header[name] = { dtype: "F16", shape, data_offsets: [offset, offset + bytes.length] };
    offset += bytes.length;
    parts.push(bytes);
  }
  let text = JSON.stringify(header);
  text = text.padEnd(Math.ceil(text.length / 8) * 8);
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(BigInt(text.length));
  const config = {
    ...{ model_type: "demo", hidden_size: width, num_attention_heads: heads, num_hidden_layers: blocks },
    ...{ intermediate_size: inner, vocab_size: tokens.length },
  };
  const vocabulary = Object.fromEntries(tokens.map((token, n) => [token, n]));
  return {
    "model.safetensors": Buffer.concat([start, Buffer.from(text), ...parts]),
    "config.json": Buffer.from(`${JSON.stringify(config, null, 2)}\n`),
    "vocab.json": Buffer.from(`${JSON.stringify(vocabulary, null, 2)}\n`),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), "../demo");
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of Object.entries(demoFiles())) writeFileSync(join(folder, name), bytes);
}
