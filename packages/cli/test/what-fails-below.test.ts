/** What a backend or a machine does that nobody foresaw: threads that can't start, an error that isn't this project's. No layer that is done is lost. */
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { auditSettings } from "@comhe/audit";
import { type Backend, randomStream, referenceBackend } from "@comhe/core";
import { afterAll, describe, expect, test } from "vitest";
import { safetensorsBytes, write } from "../../models/test/weights-files.js";
import { auditOpened } from "../src/audit/audit-files.js";
import { openModels } from "../src/files/open-models.js";
import { main, run } from "./run-command.js";

const folder = mkdtempSync(join(tmpdir(), "comhe-below-"));
afterAll(() => rmSync(folder, { recursive: true }));

const tensor = (name: string, count: number, dim: number) => ({
  ...{ name, dtype: "F32", shape: [count, dim] },
  bytes: new Uint8Array(randomStream(2, name, 0).fillNormal(new Float32Array(count * dim)).buffer),
});
write(
  folder,
  "model.safetensors",
  safetensorsBytes([tensor("a.weight", 40, 8), tensor("b.weight", 40, 9), tensor("c.weight", 40, 8)]),
);
write(folder, "large.safetensors", safetensorsBytes([tensor("large.weight", 900, 64)]));

/** Computes as the reference does, but for rows of nine numbers. */
function failing(error: unknown): Backend<unknown> {
  const reference = referenceBackend();
  const upload: typeof reference.upload = (data, shape, name) => {
    if (shape.at(-1) === 9) throw error;
    return reference.upload(data, shape, name);
  };
  return { ...reference, upload } as Backend<unknown>;
}

describe("an error that isn't an EnergyError", () => {
  test.each([
    [
      new TypeError("map is not a function\n    at inner"),
      "an unexpected TypeError: map is not a function. Please report it",
    ],
    [new DOMException("refused", "SecurityError"), "an unexpected SecurityError: refused. Please report it"],
    ["a string", "an unexpected error: a string. Please report it"],
  ])("%s fails its layer and no other", async (error, problem) => {
    const opened = await openModels([join(folder, "model.safetensors")]);
    const run = await auditOpened(failing(error), opened, auditSettings(), {});
    expect(run.layers.map(({ layer }) => layer).sort()).toEqual(["a.weight", "c.weight"]);
    expect(run.failed).toEqual([
      { file: join(folder, "model.safetensors"), layer: "b.weight", problem, code: "unexpected" },
    ]);
  });
});

test("an audit under Node's permission model, which allows no threads, has the same numbers and says so once", async () => {
  const flag = process.allowedNodeEnvironmentFlags.has("--permission") ? "--permission" : "--experimental-permission";
  const comhe = (...flags: string[]) => {
    const args = [...flags, main, "audit", "large.safetensors", "--format", "json", "--backend", "wasm"];
    return run(process.execPath, args, { cwd: folder });
  };
  const [free, confined] = await Promise.all([comhe(), comhe(flag, "--allow-fs-read=*")]);
  expect([free.code, confined.code], confined.stderr).toEqual([0, 0]);
  const energies = ({ stdout }: { stdout: string }) =>
    JSON.parse(stdout).layers.map(({ layer, energy, score }: Record<string, unknown>) => ({ layer, energy, score }));
  expect(energies(confined)).toEqual(energies(free));
  // Threads on one processor are none.
  const refusals = confined.stderr.match(/worker threads can't start/g) ?? [];
  expect(refusals).toHaveLength(availableParallelism() > 1 ? 1 : 0);
});
