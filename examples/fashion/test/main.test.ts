/** The compiled program, as a user starts it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { programOf } from "../../study-kit/test/run-program.js";
import { newFolder, writeSynthetic } from "./synthetic.js";

const start = programOf(import.meta.url);

describe("node dist/main.js", () => {
  it("keeps finished runs at Ctrl-C, goes on from them, then prints the table and writes results and report", async () => {
    const out = newFolder();
    const size = ["--samples", "50", "--epochs", "1", "--seeds", "2", "--arms", "none,half-space-mhe"];
    const args = [...size, "--data", writeSynthetic(), "--out", out, "--workers", "1"];
    const stopped = await start(args, "[2/4]");
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toMatch(/Interrupted: [23] of 4 runs are finished and kept/);

    const { code, stdout, stderr } = await start(args);
    expect(code).toBe(0);
    expect(stderr).toMatch(/[23] runs were finished before/);
    expect(stdout).toMatch(/│ half-space MHE .*│ +[012]\/[012]\/[012] │/);
    const results = JSON.parse(readFileSync(join(out, "results.json"), "utf8"));
    expect(results.runs).toHaveLength(4);
    expect(results.study).toMatchObject({ seeds: 2, samples: 50, epochs: 1 });
    expect(readFileSync(join(out, "report.html"), "utf8").match(/<svg role="img"/g)).toHaveLength(4);
  });

  it("tells how to get the data in one line, without a stack", async () => {
    const { code, stderr } = await start(["--data", "/no/such/folder"]);
    expect(code).toBe(1);
    expect(stderr).toContain("sudo apt install dataset-fashion-mnist");
    expect(stderr).not.toContain("    at ");
  });
});
