/** The command on PyTorch's files, folders and adapters: what it says, and its exit codes. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { comheIn } from "./run-command.js";

const models = fileURLToPath(new URL("../../models/test/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "comhe-models-"));
afterAll(() => rmSync(folder, { recursive: true }));

const comhe = comheIn(folder);

const audited = async (...args: string[]) => {
  const { code, stdout, stderr } = await comhe("audit", ...args, "--format", "json");
  expect(code, stderr).toBe(0);
  const { layers } = JSON.parse(stdout) as { layers: { layer: string; energyHalf: number; note: string | null }[] };
  return new Map(layers.map((layer) => [layer.layer, layer]));
};

describe("PyTorch", () => {
  test("a checkpoint's network, and which part of the file it is", async () => {
    const { stdout, stderr, code } = await comhe(...["audit", `${models}pytorch/files/ema.pt`, "--all", "--progress"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Note: the weights under "model" were read\.$/m);
    expect(stderr).toMatch(/3 layers of neurons.*\(pytorch\)\n {2}the weights under "model" were read/);
    expect(stdout).toMatch(/ema: an averaged copy \(EMA\) of "model"/);
    expect(stdout).toMatch(/optimizer: an optimizer's state/);
  });

  test("a pickle that calls: refused by name, and nothing is run", async () => {
    const attack = "\x80\x02cposix\nsystem\nX\x0b\x00\x00\x00touch pwned\x85R.";
    writeFileSync(join(folder, "hostile.pt"), Buffer.from(attack, "latin1"));
    const { code, stderr } = await comhe("audit", "hostile.pt");
    expect(code).toBe(3);
    expect(stderr).toMatch(/posix\.system.*was not run/);
    expect(existsSync(join(folder, "pwned"))).toBe(false);
  });
});

describe("adapters", () => {
  const lora = `${models}adapters/files/plain`;
  const base = `${models}adapters/files/base.safetensors`;

  test("ΔW of a folder, and its rank; with --base, W + ΔW, of other energies than either", async () => {
    const change = await audited(lora, "--layer", "first.weight");
    expect(change.get("first.weight")!.note).toMatch(/rank 3.*3 of 8 dimensions/);
    const merged = await audited(lora, "--base", base, "--layer", "first.weight");
    const before = await audited(base, "--layer", "first.weight");
    const energies = [change, merged, before].map((layers) => layers.get("first.weight")!.energyHalf);
    expect(new Set(energies).size).toBe(3);
  });

  test("OFT turns all neurons alike: with --base, the base model's own energies", async () => {
    const oft = `${models}adapters/files/oft`;
    const turned = await audited(oft, "--base", base, "--layer", "first.weight");
    const before = await audited(base, "--layer", "first.weight");
    expect(turned.get("first.weight")!.energyHalf).toBe(before.get("first.weight")!.energyHalf);
    expect(turned.get("first.weight")!.note).toMatch(/changes no angle/);
    const alone = await comhe("audit", oft, "--all");
    expect(alone.stdout).toMatch(/its energy is the base model's/);
  });

  test("a base model that the adapter doesn't fit, or for what is no adapter", async () => {
    const wrong = await comhe("audit", lora, "--base", `${models}pytorch/files/state-quantized.pt`);
    expect([wrong.code, wrong.stderr]).toEqual([3, expect.stringMatching(/Is it this adapter's base model\?/)]);
    const none = await comhe("audit", base, "--base", base);
    expect([none.code, none.stderr]).toEqual([3, expect.stringMatching(/holds no adapter/)]);
  });
});
