/**
 * What this machine could do, measured in the run whose times stand beside it: multiply-adds of each instruction set, and the products of square
 * matrices by libraries that are made for nothing else. Nothing here is a candidate; tables say what share of the widest set's peak one reaches.
 */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import ort from "onnxruntime-node";
import { pythonProcess } from "./candidates/pytorch.js";
import { GraphWriter } from "./peers/graph-writer.js";
import { isFused, peakOfThread } from "./statistics/peak.js";

/** A speed in GFLOP/s, a product and a sum being two operations; or why there is none. */
export interface Ceiling {
  readonly name: string;
  readonly gflops?: number;
  readonly skipped?: string;
}

export interface Ceilings {
  /** Of the processor's instructions those that matter, as Linux names them. */
  readonly flags: readonly string[];
  /** Of the widest instruction set, on all threads: what candidates' shares are of. Absent where no native binary loads. */
  readonly peak?: number;
  readonly rows: readonly Ceiling[];
}

const threads = availableParallelism();
/** Rows and columns of the products. */
const size = 2048;
const flopsOfProduct = 2 * size ** 3;

function flags(): string[] {
  try {
    const line = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1] ?? "";
    return line.split(/\s+/).filter((flag) => /^(sse4_1|avx|avx2|fma|avx512\w*|amx_\w+|asimd|sve2?)$/.test(flag));
  } catch {
    return [];
  }
}

async function nativePeaks(): Promise<Ceiling[]> {
  try {
    const { instructionSets, measuredPeak } = await import("@comhe/native");
    return instructionSets().map((isa) => ({ name: `multiply-adds, ${isa}, one thread`, gflops: measuredPeak(isa) }));
  } catch (error) {
    return [{ name: "multiply-adds of the processor's own instructions", skipped: (error as Error).message }];
  }
}

/** ONNX Runtime's own product. */
async function ortProduct(): Promise<Ceiling> {
  const name = `sgemm of ONNX Runtime, ${size}³, ${threads} threads`;
  const writer = new GraphWriter();
  const [a, b] = [writer.input("a", [size, size]), writer.input("b", [size, size])];
  const model = writer.finish({ c: { value: writer.node("MatMul", [a, b]), shape: [size, size] } });
  const session = await ort.InferenceSession.create(model, {
    executionProviders: ["cpu"],
    intraOpNumThreads: threads,
    extra: { session: { force_spinning_stop: "1" } },
  });
  const tensor = () => new ort.Tensor("float32", new Float32Array(size * size).fill(0.5), [size, size]);
  const feeds = { a: tensor(), b: tensor() };
  let best = Number.POSITIVE_INFINITY;
  for (let n = 0; n < 12; n++) {
    const begin = performance.now();
    await session.run(feeds);
    best = Math.min(best, performance.now() - begin);
  }
  await session.release();
  return { name, gflops: flopsOfProduct / best / 1e6 };
}

/** Those of Python's libraries: PyTorch's, and OpenBLAS' where NumPy is built on it. */
async function pythonProduct(library: "torch" | "openblas", label: string): Promise<Ceiling> {
  const name = `sgemm of ${label}, ${size}³, ${threads} threads`;
  try {
    const ms = await (await pythonProcess()).product(library, size, threads);
    return { name, gflops: flopsOfProduct / ms / 1e6 };
  } catch (error) {
    return { name, skipped: (error as Error).message };
  }
}

/** Takes some seconds. */
export async function measureCeilings(): Promise<Ceilings> {
  const peaks = await nativePeaks();
  const rows = [
    ...peaks,
    { name: `multiply-adds, WebAssembly${isFused() ? ", relaxed" : ""}, one thread`, gflops: peakOfThread() / 1e9 },
    await ortProduct(),
    await pythonProduct("torch", "PyTorch"),
    await pythonProduct("openblas", "OpenBLAS (NumPy)"),
  ];
  const widest = peaks.at(-1)?.gflops;
  return { flags: flags(), ...(widest === undefined ? {} : { peak: widest * threads }), rows };
}
