/** The PyTorch peers' process: long-lived, one JSON object a line each way (see `peers/pairwise.py`). */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { MemoryReading, StepResult, WorkProcess } from "../candidates/candidate.js";
import { firstMatrices } from "../task/first-matrices.js";
import { exponent, randomProjectionOf, type Task } from "../task/task.js";

export type PythonLibrary = "pykeops" | "faiss";
export type PythonMethod = "authors" | "plain" | "tiled";

const script = join(import.meta.dirname, "..", "peers", "pairwise.py");

type Answer = Readonly<Record<string, unknown>>;

export class PythonProcess implements WorkProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #folder = mkdtempSync(join(tmpdir(), "comhe-bench-"));
  readonly #lines: AsyncIterator<string>;
  #errors = "";
  #task: Task | undefined;
  #ended = false;

  constructor(command = "python3") {
    this.#child = spawn(command, ["-u", script], { stdio: ["pipe", "pipe", "pipe"] });
    // A missing command or a process that ended shows in the answer that doesn't come.
    this.#child.on("error", ({ message }) => {
      this.#errors += message;
    });
    this.#child.stdin.on("error", () => {});
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#errors = (this.#errors + text).slice(-2000);
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  get ended(): boolean {
    return this.#ended;
  }

  async versions(): Promise<{ torch: string; python: string }> {
    const { torch, python } = await this.#ask({ op: "versions" });
    return { torch: torch as string, python: python as string };
  }

  /** Loads a task's data, unless it is loaded. */
  async open(task: Task): Promise<void> {
    if (this.#task === task) return;
    this.#task = undefined;
    const layers = task.layers.map((layer, index) => {
      const matrices = firstMatrices(task, layer);
      const projection = matrices && {
        path: this.#write(`matrices-${index}`, matrices.data),
        shape: matrices.shape,
        redraw: randomProjectionOf(layer.spec)!.refresh > 0,
      };
      return {
        path: this.#write(`rows-${index}`, layer.data),
        shape: [layer.count, layer.dim],
        s: exponent(layer.spec),
        half: layer.spec.space === "half",
        projection: projection ?? null,
      };
    });
    await this.#ask({ op: "open", layers });
    this.#task = task;
  }

  /** Milliseconds of one step, on the process's own clock. */
  async step(method: PythonMethod, threads: number): Promise<number> {
    const { ms } = await this.#ask({ op: "step", method, threads, gradient: null });
    return ms as number;
  }

  async result(method: PythonMethod, threads: number): Promise<StepResult> {
    const path = join(this.#folder, "gradients");
    const { energies } = await this.#ask({ op: "step", method, threads, gradient: path });
    // A copy: the file's bytes may begin anywhere in their buffer.
    const all = new Float32Array(new Uint8Array(readFileSync(path)).buffer);
    let start = 0;
    const gradients = this.#task!.layers.map(({ count, dim }) => {
      const from = start;
      start += count * dim;
      return all.subarray(from, start);
    });
    return { energies: energies as number[], gradients };
  }

  /** Milliseconds of a product of square matrices; OpenBLAS takes as many threads as there are. */
  async product(library: "torch" | "openblas", size: number, threads: number): Promise<number> {
    const { ms } = await this.#ask({ op: "product", library, size, threads });
    return ms as number;
  }

  /** What a library of kernels or of neighbours says of rows, and its milliseconds: see `peers/libraries.py`. */
  async library(name: PythonLibrary, rows: Float32Array, shape: readonly [number, number], threads: number) {
    const path = this.#write("library-rows", rows);
    const { ms, value, version } = await this.#ask({ op: "library", library: name, path, shape, threads });
    return { ms: ms as number, value: value as number, version: version as string };
  }

  async memory(): Promise<MemoryReading> {
    const { now, peak } = await this.#ask({ op: "memory" });
    return { now: now as number, peak: peak as number };
  }

  async forgetPeak(): Promise<void> {
    await this.#ask({ op: "forget-peak" });
  }

  close(): void {
    this.#child.stdin.end();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #write(name: string, { buffer, byteOffset, byteLength }: Float32Array): string {
    const path = join(this.#folder, name);
    writeFileSync(path, new Uint8Array(buffer, byteOffset, byteLength));
    return path;
  }

  async #ask(request: Readonly<Record<string, unknown>>): Promise<Answer> {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) {
      this.#ended = true;
      this.close();
      const last = this.#errors.trim().split("\n").at(-1);
      throw new Error(`the Python process ended${last ? `: ${last}` : ""} (out of memory, or no torch?)`);
    }
    const answer = JSON.parse(value) as Answer;
    if (typeof answer.error === "string") throw new Error(answer.error);
    return answer;
  }
}
