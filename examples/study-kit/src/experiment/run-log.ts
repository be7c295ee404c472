/**
 * Finished runs, one JSON object a line, appended as they finish. Whatever stops the process, at most the last line is
 * cut short; reading skips a line that isn't whole, and the next append starts on a fresh one.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";

export interface LoggedRun {
  readonly key: string;
  readonly result: unknown;
}

export class RunLog {
  readonly #path: string;
  #endsWithinLine: boolean;

  constructor(path: string) {
    this.#path = path;
    mkdirSync(dirname(path), { recursive: true });
    const text = existsSync(path) ? readFileSync(path, "utf8") : "";
    this.#endsWithinLine = text.length > 0 && !text.endsWith("\n");
  }

  /** Every whole run; the last one wins where a key appears twice. */
  read(): Map<string, unknown> {
    const runs = new Map<string, unknown>();
    if (!existsSync(this.#path)) return runs;
    for (const line of readFileSync(this.#path, "utf8").split("\n")) {
      const run = parseLine(line);
      if (run !== undefined) runs.set(run.key, run.result);
    }
    return runs;
  }

  /** One write, flushed to the disk before it returns: a run that was reported as finished survives. */
  append(run: LoggedRun): void {
    const file = openSync(this.#path, "a");
    try {
      writeSync(file, `${this.#endsWithinLine ? "\n" : ""}${JSON.stringify(run)}\n`);
      fsyncSync(file);
      this.#endsWithinLine = false;
    } finally {
      closeSync(file);
    }
  }
}

function parseLine(line: string): LoggedRun | undefined {
  if (line.trim() === "") return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isLoggedRun(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isLoggedRun(value: unknown): value is LoggedRun {
  return (
    typeof value === "object" && value !== null && "result" in value && "key" in value && typeof value.key === "string"
  );
}
