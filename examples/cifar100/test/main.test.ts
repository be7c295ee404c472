/** The compiled program, as a user starts it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { programOf } from "../../study-kit/test/run-program.js";
import { HELP, parseCommandLine } from "../src/command-line.js";
import { newFolder, writeCifar } from "./synthetic.js";

const start = programOf(import.meta.url);

const linesOf = (...texts: readonly string[]) =>
  texts.flatMap((text) => [...text.matchAll(/step \d+: (?:cross|test).*?accuracy [\d.]+/g)].map(([line]) => line));

describe("node dist/main.js", () => {
  it("is stopped by Ctrl-C, goes on to the same losses, and reports", async () => {
    const small = ["--steps", "6", "--batch", "4", "--width", "0.05", "--test-every", "3", "--log-every", "1"];
    const flags = [...small, "--checkpoint-every", "100", "--runtime", "wasm"];
    const config = ["--config", fileURLToPath(new URL("../configs/half-space-mhe.json", import.meta.url))];
    const data = writeCifar("python");
    const [once, twice] = [newFolder(), newFolder()];
    const whole = await start([...flags, ...config, "--data", data, "--out", once]);
    expect(whole.code, whole.stderr).toBe(0);
    expect(whole.stderr).toMatch(/48 training and 20 test images \(python format\), 6 steps of 4\./);
    expect(whole.stderr).toMatch(/\[2\/6\] step 1: cross-entropy \d.*, .* left/);

    const args = [...flags, ...config, "--data", data, "--out", twice];
    const stopped = await start(args, "step 0: cross-entropy");
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toMatch(/Interrupted: step [1-5] of 6 is kept/);
    const resumed = await start(args);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(resumed.stderr).toMatch(/Going on from the checkpoint of step [1-5]\./);
    expect(linesOf(stopped.stderr, resumed.stderr)).toEqual(linesOf(whole.stderr));
    expect(linesOf(whole.stderr).length).toBe(8);

    const result = JSON.parse(readFileSync(join(twice, "result.json"), "utf8"));
    expect(result).toMatchObject({ backend: "wasm", diverged: false, config: { name: "half-space-mhe" } });
    expect(result.layers.map(({ energies }: { energies: number[] }) => energies.length)).toEqual(Array(10).fill(3));
    const report = readFileSync(join(twice, "report.html"), "utf8");
    expect(report.match(/<svg role="img"/g)?.length).toBe(6);
    expect(report).toContain("In the course of training");

    // The binary format is another file, hence another run; beside the baseline in one report.
    const baseline = newFolder();
    const none = fileURLToPath(new URL("../configs/none.json", import.meta.url));
    const plain = await start([...flags, "--config", none, "--data", writeCifar("binary"), "--out", baseline]);
    expect(plain.code, plain.stderr).toBe(0);
    const both = newFolder();
    const joined = await start(["report", baseline, twice, "--out", both]);
    expect(joined.code, joined.stderr).toBe(0);
    expect(joined.stdout).toMatch(/no energy .*half-space MHE/s);
    expect(readFileSync(join(both, "report.html"), "utf8")).toContain("on a single seed, which shows nothing");
  }, 120_000);

  it("makes a study's runs, keeps them, and compares them", async () => {
    const small = "--configs none,half-space-mhe --seeds 1 --steps 2 --batch 4 --width 0.05 --workers 1 --runtime wasm";
    const folder = newFolder();
    const args = ["study", "--data", writeCifar("binary"), ...small.split(" "), "--out", folder];
    const whole = await start(args);
    expect(whole.code, whole.stderr).toBe(0);
    expect(whole.stderr).toMatch(/2 configs × 1 paired seeds, 2 steps of 4 images/);
    expect(whole.stdout).toMatch(/no energy .*half-space MHE.*report\.html/s);
    const lines = readFileSync(join(folder, "runs.jsonl"), "utf8").trim().split("\n");
    expect(lines.map((line) => JSON.parse(line).result.config.name)).toEqual(["none", "half-space-mhe"]);
    // Finished runs leave no checkpoints.
    expect(readdirSync(join(folder, "checkpoints"))).toEqual([]);
  }, 120_000);

  it("tells how to get the data in one line, without a stack", async () => {
    const { code, stderr } = await start(["--data", "/no/such/folder"]);
    expect(code).toBe(1);
    expect(stderr).toContain("This example downloads nothing");
    expect(stderr).not.toContain("    at ");
  });
});

describe("parseCommandLine", () => {
  it("takes every flag that the help names", () => {
    const flags = [...HELP.matchAll(/^ +(--[a-z-]+)(?: <([^>]+)>)?/gm)].map(([, flag, value]) => ({
      flag: flag!,
      value,
    }));
    expect(flags).toHaveLength(16);
    for (const { flag, value } of flags) {
      expect(() => parseCommandLine(["--data", "x", ...(value === undefined ? [flag] : [flag, "3"])])).not.toThrow();
    }
  });

  it.each([
    [["--steps", "0"], /--steps: expected a whole number of at least 1, got "0"/],
    [["--width=-1"], /--width: expected a number above 0/],
    [["--learning-rate=0"], /--learning-rate: expected a finite number above 0/],
    [["--batch", ""], /--batch: expected a whole number/],
    [["--frobnicate"], /Unknown option '--frobnicate'/],
    [["surplus"], /Expected "study", "report", "record", "replays", "digit-pairs" or flags, got "surplus"/],
    [["report"], /report: expected the folders/],
    [["digit-pairs"], /digit-pairs: expected one folder, got 0/],
    [[], /--data: expected the folder/],
  ])("refuses %s", (args, message) => {
    expect(() =>
      parseCommandLine(
        args.length === 0 ? [] : [...(/^(report|digit-pairs)$/.test(args[0]!) ? [] : ["--data", "x"]), ...args],
      ),
    ).toThrow(message);
  });
});
