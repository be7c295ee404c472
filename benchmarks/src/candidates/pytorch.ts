/** PyTorch's three ways, on 1 and 2 threads: skipped, with the reason, where Python has no torch. */
import { type PythonMethod, PythonProcess } from "../peers/python-process.js";
import { type Candidate, squareBytes, Unavailable } from "./candidate.js";

let current: PythonProcess | undefined;
let missing: string | undefined;

/** The one process that all PyTorch candidates use; a new one after a crash. */
export async function pythonProcess(): Promise<PythonProcess> {
  if (missing !== undefined) throw new Unavailable(missing);
  if (current && !current.ended) return current;
  const started = new PythonProcess();
  try {
    await started.versions();
  } catch (error) {
    missing = `needs python3 with torch: ${(error as Error).message}`;
    throw new Unavailable(missing);
  }
  current = started;
  return started;
}

export function closePython(): void {
  current?.close();
  current = undefined;
}

const methods: Record<PythonMethod, { label: string; arrays: number; folded: boolean; batched: boolean }> = {
  // Arrays alive at once when backward runs, counted in the formulation.
  authors: { label: "authors' formulation", arrays: 6, folded: false, batched: false },
  plain: { label: "folded, autograd", arrays: 5, folded: true, batched: true },
  tiled: { label: "closed form, tiled", arrays: 0, folded: true, batched: true },
};

export const pytorchCandidates: readonly Candidate[] = (["authors", "plain", "tiled"] as const).flatMap((method) =>
  [2, 1].map((threads) => {
    const { label, arrays, folded, batched } = methods[method];
    return {
      name: `PyTorch ${label}, ${threads} thread${threads === 1 ? "" : "s"}`,
      id: `torch-${method}-${threads}`,
      ours: false,
      headlineOnly: threads === 1 && method !== "tiled",
      squareArrays: (task) => squareBytes(task, arrays, folded, batched),
      process: pythonProcess,
      async open(task) {
        const python = await pythonProcess();
        await python.open(task);
        return {
          run: async () => {
            await python.open(task);
            return python.step(method, threads);
          },
          result: async () => {
            await python.open(task);
            return python.result(method, threads);
          },
          close: async () => {},
        };
      },
    } satisfies Candidate;
  }),
);
