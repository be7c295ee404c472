/**
 * Beside libraries whose own case it is: the energy of 1/r² kernels by KeOps, compiled for the processor, and each row's nearest other row by
 * faiss. Rows of a library appear where it is installed for Python; elsewhere it is named as missing.
 */
import { createEvaluator, pairStatistics, randomStream } from "@comhe/core";
import { backendOf } from "../candidates/ours.js";
import { pythonProcess } from "../candidates/pytorch.js";
import { quantile } from "../harness.js";
import type { PythonLibrary } from "../peers/python-process.js";
import { plainTable } from "../print.js";
import { inTime, type PartOptions, select } from "./part.js";

/** What one took, or why it didn't. */
export interface LibraryRow {
  readonly name: string;
  readonly ours: boolean;
  /** Milliseconds. */
  readonly median?: number;
  readonly best?: number;
  /** From what the first of ours says, relative. */
  readonly difference?: number;
  readonly skipped?: string;
}

export interface LibraryCase {
  readonly id: string;
  readonly title: string;
  readonly rows: readonly LibraryRow[];
  /** The date, where it isn't the file's. */
  readonly measured?: string;
}

type Question = "energy" | "nearest";

interface Case {
  readonly id: string;
  readonly title: string;
  readonly question: Question;
  readonly shape: readonly [count: number, dim: number];
}

const count = 16_384;
const threads = 2;

export const libraryCases: readonly Case[] = [3, 40, 512].flatMap((dim) => [
  {
    id: `energy-${count}x${dim}`,
    title: `mean of 1/r² over the pairs of ${count}×${dim}`,
    question: "energy",
    shape: [count, dim],
  },
  {
    id: `nearest-${count}x${dim}`,
    title: `each row's nearest other row, ${count}×${dim}`,
    question: "nearest",
    shape: [count, dim],
  },
]);

const libraries: Record<Question, { readonly library: PythonLibrary; readonly name: string }> = {
  energy: { library: "pykeops", name: "KeOps (pykeops), compiled for the processor" },
  nearest: { library: "faiss", name: "faiss, IndexFlatIP" },
};

interface Call {
  readonly ms: number;
  readonly value: number;
}

/** Milliseconds of a call that stands for all: it isn't repeated. */
const longCall = 10_000;

interface Contender {
  readonly name: string;
  readonly ours: boolean;
  call(): Promise<Call>;
  close?(): Promise<void>;
}

export async function librariesPart(options: PartOptions): Promise<LibraryCase[]> {
  const found: LibraryCase[] = [];
  for (const each of select(libraryCases, options)) {
    if (!inTime(options, each.title)) continue;
    const measured = await measure(each, options);
    console.log(`\n${each.title}, ${threads} threads`);
    console.log(
      plainTable(
        ["", "median ms", "best ms", "difference"],
        measured.rows.map(({ name, median, best, difference, skipped }) => [
          name,
          ...(skipped ? [`– ${skipped}`, "", ""] : [median!, best!].map((ms) => ms.toFixed(1))),
          ...(difference === undefined ? [] : [difference.toExponential(0)]),
        ]),
      ),
    );
    found.push(measured);
  }
  return found;
}

async function measure({ id, title, question, shape }: Case, { quick, seconds }: PartOptions): Promise<LibraryCase> {
  const rows: [number, number] = quick ? [1024, shape[1]] : [...shape];
  const data = randomStream(1, title, 0).fillNormal(new Float32Array(rows[0] * rows[1]));
  const contenders: (Contender & { readonly first: Call })[] = [];
  const skipped: LibraryRow[] = [];
  const ready = async (name: string, ours: boolean, make: () => Promise<Contender>) => {
    try {
      const made = await make();
      // The first call compiles, or finds that something is missing.
      const first = await made.call();
      contenders.push({ ...made, first });
    } catch (error) {
      skipped.push({ name, ours, skipped: (error as Error).message });
    }
  };
  for (const kind of ["native", "wasm"] as const) {
    const name = `@comhe/${kind}`;
    await ready(name, true, () => ourContender(name, kind, question, data, rows));
  }
  const { library, name } = libraries[question];
  await ready(name, false, async () => {
    const python = await pythonProcess();
    return { name, ours: false, call: () => python.library(library, data, rows, threads) };
  });
  const isLong = contenders.map(({ first }) => first.ms > longCall);
  const times = contenders.map(({ first }, n): number[] => (isLong[n] ? [first.ms] : []));
  const values = contenders.map(({ first }) => first.value);
  const begin = performance.now();
  for (let round = 0; round < 15; round++) {
    // Three rounds at least, in turns.
    if (round >= 3 && performance.now() - begin > 6000 * seconds) break;
    for (const [n, contender] of contenders.entries()) {
      if (isLong[n]) continue;
      const { ms, value } = await contender.call();
      times[n]!.push(ms);
      values[n] = value;
    }
  }
  for (const contender of contenders) await contender.close?.();
  const timed = contenders.map(({ name, ours }, n) => ({
    name,
    ours,
    median: quantile(times[n]!, 0.5),
    best: Math.min(...times[n]!),
    difference: Math.abs(values[n]! - values[0]!) / Math.abs(values[0]!),
  }));
  return { id, title, rows: [...timed, ...skipped] };
}

/** Ours take the rows as they come, and make directions of them. */
async function ourContender(
  name: string,
  kind: "native" | "wasm",
  question: Question,
  data: Float32Array,
  shape: readonly [number, number],
): Promise<Contender> {
  const backend = await backendOf(kind, threads);
  const weights = { data, shape };
  // KeOps has no floor: closer pairs than this there are none.
  const evaluator = createEvaluator(backend, { potential: { kind: "riesz", s: 2 }, separationFloor: 1e-6 });
  const answer = async () => {
    if (question === "energy") return evaluator.energy(weights);
    const { nearestCosines } = await pairStatistics(backend, weights, { nearest: "full" });
    return nearestCosines.reduce((sum, cosine) => sum + cosine, 0) / shape[0];
  };
  return {
    name,
    ours: true,
    async call() {
      const begin = performance.now();
      const value = await answer();
      return { ms: performance.now() - begin, value };
    },
    close: async () => backend.dispose?.(),
  };
}
