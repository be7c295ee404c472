/**
 * Damaged files on the way that the page takes: opened from their bytes, audited, shown. Whatever is read of them, each layer has an answer or a reason, nothing breaks that nobody
 * foresaw, and what is shown is whole. `npm run fuzz --workspace=@comhe/audit` takes thirty times as many.
 */
import { readdirSync, readFileSync } from "node:fs";
import { EnergyError, randomStream, referenceBackend } from "@comhe/core";
import { openModel } from "@comhe/models";
import { expect, test } from "vitest";
import { mutate } from "../../models/test/support/mutate.js";
import { safetensorsBytes } from "../../models/test/weights-files.js";
import { type AuditReport, auditModel, auditSettings } from "../src/index.js";
import { auditPage } from "../src/pages.js";
import { reportSchema } from "./report-schema.js";

/** Vitest passes its mode on. */
const files = process.env.MODE === "full" ? 600 : 20;
const backend = referenceBackend();
const settings = auditSettings(undefined, { budget: null });

type Seed = readonly [name: string, bytes: Uint8Array];
const fixtures = (kind: string, pattern: RegExp): Seed[] => {
  const from = new URL(`../../models/test/fixtures/${kind}/`, import.meta.url);
  return readdirSync(from)
    .filter((name) => pattern.test(name))
    .map((name) => [name, new Uint8Array(readFileSync(new URL(name, from)))]);
};
const rows = (name: string, count: number, dim: number) => ({
  ...{ name, dtype: "F32", shape: [count, dim] },
  bytes: new Uint8Array(randomStream(5, name, 0).fillNormal(new Float32Array(count * dim)).buffer),
});
const safetensors: Seed = [
  "model.safetensors",
  safetensorsBytes([
    rows("model.embed_tokens.weight", 20, 8),
    rows("model.layers.0.self_attn.q_proj.weight", 8, 8),
    rows("model.layers.0.mlp.up_proj.weight", 24, 8),
  ]),
];

const kinds: Readonly<Record<string, readonly Seed[]>> = {
  safetensors: [safetensors],
  gguf: fixtures("gguf", /^types\.gguf$/),
  hdf5: fixtures("hdf5", /\.h5$/),
  keras: fixtures("keras", /\.(keras|h5)$/),
  tables: fixtures("tables", /\.(parquet|arrow)$/),
  flax: fixtures("flax", /\.msgpack$/),
  tflite: fixtures("tflite", /\.tflite$/),
};

test.each(Object.keys(kinds))(`%s: ${files} damaged files`, { timeout: 900_000 }, async (kind) => {
  const seeds = kinds[kind]!;
  const stream = randomStream(7, kind, 0);
  const [audited, refused] = [new Set<number>(), new Set<number>()];
  let unread = 0;
  for (let n = 0; n < files; n++) {
    const [name, sound] = seeds[n % seeds.length]!;
    // The first is sound, so that the way is known to be one.
    const bytes = n === 0 ? sound : mutate(sound, stream);
    let model: Awaited<ReturnType<typeof openModel>>;
    try {
      model = await openModel(new Blob([Uint8Array.from(bytes)]), { name });
    } catch (error) {
      expect(EnergyError.isInstance(error), `file ${n}, ${name}: ${error}`).toBe(true);
      refused.add(n);
      continue;
    }
    try {
      const report: AuditReport = await auditModel(model, { backend, settings });
      const where = `file ${n}, ${name}`;
      expect(report.layers.length + report.failed.length, where).toBe(model.layers.length);
      expect(
        report.failed.filter(({ code }) => code === "unexpected"),
        where,
      ).toEqual([]);
      reportSchema.parse(JSON.parse(JSON.stringify(report)));
      expect(auditPage(report), where).toContain("</html>");
      unread += report.failed.length;
      audited.add(n);
    } finally {
      await model.close();
    }
  }
  console.info(`${kind}: ${audited.size} audited, ${unread} of their layers not; ${refused.size} refused.`);
  expect(audited.has(0)).toBe(true);
});
