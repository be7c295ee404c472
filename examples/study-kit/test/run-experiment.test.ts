import { appendFileSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { type Job, runExperiment } from "../src/index.js";

const worker = new URL("./fixtures/worker.mjs", import.meta.url);
const job = (key: string, act = "return"): Job => ({
  key,
  arm: `arm of ${key}`,
  seed: 7,
  payload: { act, value: key },
});

function options(logFile: string, jobs: readonly Job[]) {
  return {
    jobs,
    worker,
    logFile,
    parse(value: unknown) {
      if (typeof value === "object" && value !== null && "value" in value) return String(value.value);
      throw new Error("not a result");
    },
    describe: ({ key }: Job) => `run ${key}`,
    threads: 2,
    signal: new AbortController().signal,
  };
}

describe("runExperiment", () => {
  let logFile: string;
  beforeEach(() => {
    logFile = join(mkdtempSync(join(tmpdir(), "experiment-")), "runs.jsonl");
    vi.spyOn(process.stderr, "write").mockReturnValue(true);
    return () => vi.restoreAllMocks();
  });

  it("returns results in the order of the jobs", async () => {
    const { results, resumed } = await runExperiment(
      options(
        logFile,
        ["a", "b", "c", "d", "e"].map((key) => job(key)),
      ),
    );
    expect(results).toEqual(["a", "b", "c", "d", "e"]);
    expect(resumed).toBe(0);
    expect(process.stderr.write).toHaveBeenCalledWith(expect.stringMatching(/^\[5\/5\] run ., 0 s left\n$/));
  });

  it("goes on where it was stopped, past a line cut short", async () => {
    await runExperiment(options(logFile, [job("a"), job("b")]));
    appendFileSync(logFile, '{"key":"c","result":{"val');
    // Runs that would throw if they were made again.
    const { results, resumed } = await runExperiment(
      options(logFile, [job("a", "throw"), job("b", "throw"), job("c")]),
    );
    expect(results).toEqual(["a", "b", "c"]);
    expect(resumed).toBe(2);
  });

  it("makes a run again whose stored result is of another shape", async () => {
    appendFileSync(logFile, '{"key":"a","result":{"old":1}}\n');
    expect((await runExperiment(options(logFile, [job("a")]))).resumed).toBe(0);
  });

  it("forgets finished runs when asked to", async () => {
    await runExperiment(options(logFile, [job("a")]));
    expect((await runExperiment({ ...options(logFile, [job("a")]), fresh: true })).resumed).toBe(0);
  });

  it("makes a run once that two jobs share", async () => {
    const { results } = await runExperiment(options(logFile, [job("a"), job("a"), job("b")]));
    expect(results).toEqual(["a", "a", "b"]);
    expect(readFileSync(logFile, "utf8").trim().split("\n")).toHaveLength(2);
  });

  it("names the arm and the seed of a run that throws", async () => {
    const failing = runExperiment(options(logFile, [job("a", "throw"), job("b", "hang")]));
    await expect(failing).rejects.toThrow('Arm "arm of a", seed 7: the data is gone');
  });

  it("tells when a worker thread ends by itself", async () => {
    const failing = runExperiment(options(logFile, [job("a", "exit")]));
    await expect(failing).rejects.toThrow(/seed 7: the thread that computed it ended: exit code 3/);
  });

  it("stops at once when it is interrupted, and keeps what was finished", async () => {
    const controller = new AbortController();
    const running = runExperiment({
      ...options(logFile, [job("a"), job("b", "hang"), job("c", "hang")]),
      describe() {
        controller.abort();
        return "finished";
      },
      signal: controller.signal,
    });
    await expect(running).rejects.toThrow("1 of 3 runs are finished and kept. Run the same command again");
    expect(readFileSync(logFile, "utf8")).toContain('"key":"a"');
  });
});
