/** The compiled program, as a user starts it. */
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { programOf, tableOf } from "../../study-kit/test/run-program.js";

const start = programOf(import.meta.url);
const newFolder = () => mkdtempSync(join(tmpdir(), "self-supervised-"));

describe("node dist/main.js", () => {
  it("trains every arm, prints the table and writes report and picture; the same table for any number of workers", async () => {
    const [one, two] = [newFolder(), newFolder()];
    const first = await start(["--steps", "3", "--seeds", "1", "--out", one, "--workers", "2"]);
    expect(first.stderr).toContain("9 arms × 1 paired seeds, 8 dimensions, 3 steps.");
    expect(first.code, first.stderr).toBe(0);
    expect(tableOf(first.stdout)).toHaveLength(10);
    const second = await start([
      "--steps",
      "3",
      "--seeds",
      "1",
      "--arms",
      "mhe-2,random",
      "--out",
      two,
      "--workers",
      "1",
    ]);
    expect(tableOf(first.stdout)).toEqual(
      expect.arrayContaining(tableOf(second.stdout).filter((row) => row.includes("MHE, s = 2  "))),
    );
    const results = JSON.parse(readFileSync(join(one, "results.json"), "utf8"));
    expect(results.arms).toHaveLength(9);
    const errors = (from: { arms: { name: string; testErrors: number[] }[] }, name: string) =>
      from.arms.find((arm) => arm.name === name)!.testErrors;
    const again = JSON.parse(readFileSync(join(two, "results.json"), "utf8"));
    for (const name of ["mhe-2", "random"]) expect(errors(again, name)).toEqual(errors(results, name));
    // Three steps tell arms apart already.
    expect(new Set(results.arms.map((arm: { testErrors: number[] }) => arm.testErrors[0])).size).toBeGreaterThan(4);
    expect(readFileSync(join(one, "report.html"), "utf8").match(/<svg role="img"/g)).toHaveLength(4);
    const picture = readFileSync(join(one, "embeddings.svg"), "utf8");
    expect(picture).toMatch(
      /^<svg xmlns="[^"]+" role="img" [^>]*style="background:#fff;color:#333;[^"]*font-family:system-ui/,
    );
    expect(picture.slice(0, picture.indexOf(">")).match(/ style=/g)).toHaveLength(1);
    expect(picture.match(/<circle/g)).toHaveLength(10 * 797);
    const record = JSON.parse(readFileSync(join(one, "record.json"), "utf8"));
    expect(record.arms.map((arm: { course: unknown[] }) => arm.course.length)).toEqual(new Array(9).fill(4));
    expect(readFileSync(join(one, "course.svg"), "utf8").match(/<line [^>]*stroke-width="3"/g)).toHaveLength(9);
  });

  it("prints the results in the repository, and draws their curves", async () => {
    const out = newFolder();
    const { code, stdout, stderr } = await start(["table", "--out", out]);
    expect(code, stderr).toBe(0);
    for (const dimension of [8, 64, 4]) {
      expect(stdout).toContain(`${dimension} dimensions, `);
      const curves = readFileSync(join(out, `course-${dimension}.svg`), "utf8");
      expect(curves.match(/aria-label="Mean −log r of the test embeddings over training steps\./g)).toHaveLength(1);
    }
  });

  it.each([
    [["--arms", "nonesuch"], 'got "nonesuch"'],
    [["--dimensions", "5"], "--dimensions: expected 8, 64, 4"],
    [["--frobnicate"], "Unknown option '--frobnicate'"],
  ])("tells what is wrong with %s in one line, without a stack", async (args, message) => {
    const { code, stderr } = await start(args);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("    at ");
  });
});
