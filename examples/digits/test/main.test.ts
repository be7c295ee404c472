/** The compiled program, as a user starts it. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { programOf, tableOf } from "../../study-kit/test/run-program.js";

const start = programOf(import.meta.url);
const quick = "--arms none,half-space-mhe --samples 20 --epochs 2".split(" ");
const newFolder = () => mkdtempSync(join(tmpdir(), "digits-run-"));

describe("node dist/main.js", () => {
  it("prints the table, a conclusion and the files it wrote; the same table for any number of workers", async () => {
    const [one, two] = [newFolder(), newFolder()];
    const first = await start([...quick, "--seeds", "2", "--out", one, "--workers", "1"]);
    const second = await start([...quick, "--seeds", "2", "--out", two, "--workers", "2"]);
    expect(first.code).toBe(0);
    expect(first.stderr).toContain("--seeds 24 is the full study");
    expect(tableOf(first.stdout)).toHaveLength(3);
    expect(tableOf(second.stdout)).toEqual(tableOf(first.stdout));
    expect(first.stdout).toMatch(/Half-space MHE, the best energy arm, .* test error/);
    expect(first.stdout).toContain(join(one, "report.html"));
    const results = JSON.parse(readFileSync(join(one, "results.json"), "utf8"));
    expect(results.runs).toHaveLength(4);
    expect(results.machine.node).toBe(process.version);
    expect(results.versions["@tensorflow/tfjs"]).toMatch(/^4\./);
    expect(readFileSync(join(one, "report.html"), "utf8").match(/<svg role="img"/g)).toHaveLength(4);
  });

  it("keeps finished runs at Ctrl-C, exits with 130, and goes on from them", async () => {
    const args = [...quick, "--seeds", "3", "--out", newFolder(), "--workers", "1"];
    const stopped = await start(args, "[2/6]");
    expect(stopped.code).toBe(130);
    const kept = Number(/Interrupted: (\d) of 6 runs are finished and kept/.exec(stopped.stderr)?.[1]);
    expect(kept).toBeGreaterThanOrEqual(2);
    expect(kept).toBeLessThan(6);
    const resumed = await start(args);
    expect(resumed.code).toBe(0);
    expect(resumed.stderr).toContain(`${kept} runs were finished before`);
  });

  it.each([
    [["--arms", "nonesuch"], 'got "nonesuch"'],
    [["--config", "/no/such.json"], "/no/such.json: can't be read"],
    [["--samples", "4000"], "--samples: expected a whole number from 20 to 999"],
    [["--frobnicate"], "Unknown option '--frobnicate'"],
  ])("tells what is wrong with %s in one line, without a stack", async (args, message) => {
    const { code, stderr } = await start(args);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("    at ");
  });

  it("trains an arm that a config file adds", async () => {
    const config = join(newFolder(), "logarithmic.json");
    writeFileSync(config, JSON.stringify({ potential: { kind: "riesz", s: 0 }, space: "full", weight: 100 }));
    const args = ["--config", config, "--arms", "none,logarithmic", "--samples", "20", "--epochs", "1", "--seeds", "1"];
    const { code, stdout } = await start([...args, "--out", newFolder()]);
    expect(code).toBe(0);
    expect(stdout).toContain("│ logarithmic");
  });
});
