import { appendFileSync, mkdtempSync, readFileSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RunLog } from "./run-log.js";

function logPath(): string {
  return join(mkdtempSync(join(tmpdir(), "run-log-")), "runs.jsonl");
}

describe("RunLog", () => {
  it("reads what it wrote", () => {
    const path = logPath();
    const log = new RunLog(path);
    log.append({ key: "a", result: { x: 1 } });
    log.append({ key: "b", result: 2 });
    expect([...new RunLog(path).read()]).toEqual([
      ["a", { x: 1 }],
      ["b", 2],
    ]);
  });

  it("is empty before anything was written", () => {
    expect(new RunLog(logPath()).read().size).toBe(0);
  });

  it("drops a last line that was cut short, and goes on after it", () => {
    const path = logPath();
    const log = new RunLog(path);
    log.append({ key: "a", result: 1 });
    log.append({ key: "b", result: 2 });
    truncateSync(path, readFileSync(path).length - 4);
    const again = new RunLog(path);
    expect([...again.read().keys()]).toEqual(["a"]);
    again.append({ key: "c", result: 3 });
    expect([...new RunLog(path).read().keys()]).toEqual(["a", "c"]);
  });

  it("skips lines that are JSON but no run", () => {
    const path = logPath();
    new RunLog(path).append({ key: "a", result: 1 });
    appendFileSync(path, '{"key": 3, "result": 1}\nnull\n[]\n{"key": "x"}\n');
    expect([...new RunLog(path).read().keys()]).toEqual(["a"]);
  });
});
