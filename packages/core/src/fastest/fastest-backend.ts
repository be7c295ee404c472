/**
 * Finds the fastest of several backends. Core knows none of them: the caller says how each is created, and the one that computes an
 * energy of the given size in the least time is chosen. The choice is remembered for as long as the list of candidates exists.
 */
import type { Backend } from "../backend/backend.js";
import { EnergyError } from "../errors/energy-error.js";
import { createEvaluator } from "../evaluate/evaluator.js";
import { randomStream } from "../random/random-stream.js";

/**
 * Functions that create backends, or promise them, by name:
 * `{ native: () => nativeBackend(), wasm: async () => (await import("@comhe/wasm")).wasmBackend() }`.
 */
export type BackendCandidates = Readonly<Record<string, () => unknown>>;

/** Options of {@link fastestBackend}. */
export interface FastestBackendOptions {
  /** Rows and columns of the weights that will be computed. Default 256×256; larger ones are timed at 1024×1024. */
  readonly shape?: readonly [count: number, dim: number] | undefined;
  /**
   * `time`, the default, chooses the backend that takes the least time. `order` chooses the first of the list that can compute, however long it
   * takes, so that runs agree to the bit; list the backends from fastest to slowest then.
   */
  readonly by?: "time" | "order" | undefined;
}

/** The result of a candidate. */
export interface CandidateTime {
  /** The candidate's name in the list. */
  readonly name: string;
  /**
   * Milliseconds that the second of two energies with their gradients took; absent if the candidate can't compute here, or if the choice was
   * remembered.
   */
  readonly milliseconds?: number;
  /** Why it can't compute here, for example because it isn't installed. */
  readonly problem?: string;
}

/** A backend, and why it was chosen. */
export interface FastestBackend {
  /** The backend. The caller has to dispose of it, where it has a `dispose`. */
  readonly backend: Backend<unknown>;
  /** The name of the backend in the list of candidates. */
  readonly name: string;
  /** What was found of each candidate that was tried, in the order of the list. */
  readonly candidates: readonly CandidateTime[];
}

/** Sizes within a factor of two each way have the same fastest backend, or nearly so. */
const sizeOf = ([count, dim]: readonly [number, number]): string =>
  `${Math.round(Math.log2(count))},${Math.round(Math.log2(dim))}`;

/** Sizes beyond are timed at this one, which tells as much in less time. */
const [mostRows, mostColumns] = [1024, 1024];

/** The names that were taken, by size. */
const remembered = new WeakMap<BackendCandidates, Map<string, string>>();

/**
 * Creates every candidate, lets each compute an energy in half space, keeps the fastest and disposes of the others. Candidates that can't
 * be created are left out. Called again with the same list and a similar size, it creates the previous choice and times nothing.
 *
 * The choice depends on timing, and the last digits of results depend on the choice: pass `by: "order"` where runs must agree to the bit.
 *
 * @throws EnergyError `missing-peer` if no candidate can compute, with the reason of each; `invalid-config` for candidates or a `by` of another
 *   kind; `invalid-shape` for a shape that isn't two whole numbers ≥ 1
 */
export async function fastestBackend(
  candidates: BackendCandidates,
  { shape = [256, 256], by = "time" }: FastestBackendOptions = {},
): Promise<FastestBackend> {
  checkCandidates(candidates);
  if (by !== "time" && by !== "order") {
    const got = JSON.stringify(by);
    throw new EnergyError("invalid-config", `fastestBackend: expected by, "time" or "order", got ${got}.`, {
      path: "by",
    });
  }
  if (!Array.isArray(shape) || shape.length !== 2 || !shape.every((size) => Number.isInteger(size) && size >= 1)) {
    throw new EnergyError(
      "invalid-shape",
      `fastestBackend: expected shape, two whole numbers ≥ 1, got ${JSON.stringify(shape)}.`,
    );
  }
  const known = remembered.get(candidates) ?? new Map<string, string>();
  remembered.set(candidates, known);
  const before = by === "time" ? known.get(sizeOf(shape)) : undefined;
  if (before !== undefined && candidates[before]) {
    const backend = (await candidates[before]()) as Backend<unknown>;
    return { backend, name: before, candidates: [{ name: before }] };
  }
  const times: CandidateTime[] = [];
  let best: { readonly backend: Backend<unknown>; readonly name: string; readonly milliseconds: number } | undefined;
  // One after the other: side by side they would take each other's processors.
  for (const [name, make] of Object.entries(candidates)) {
    let backend: Backend<unknown> | undefined;
    try {
      backend = (await make()) as Backend<unknown>;
      const milliseconds = await timeOf(backend, shape);
      times.push({ name, milliseconds });
      if (best && best.milliseconds <= milliseconds) {
        await backend.dispose?.();
        continue;
      }
      await best?.backend.dispose?.();
      best = { backend, name, milliseconds };
      if (by === "order") break;
    } catch (error) {
      await backend?.dispose?.();
      times.push({ name, problem: ((error as Error).message ?? String(error)).split("\n")[0]! });
    }
  }
  if (!best) {
    const reasons = times.map(({ name, problem }) => `${name}: ${problem}`).join("; ");
    throw new EnergyError(
      "missing-peer",
      `fastestBackend: none of the candidates can compute here (${reasons || "the list is empty"}). Install one: npm install @comhe/wasm.`,
      { candidates: times },
    );
  }
  if (by === "time") known.set(sizeOf(shape), best.name);
  return { backend: best.backend, name: best.name, candidates: times };
}

/** Core knows no backend by itself, which whoever calls without a list will not expect. */
function checkCandidates(candidates: unknown): void {
  const isObject = typeof candidates === "object" && candidates !== null;
  const wrong = isObject ? Object.entries(candidates).find(([, make]) => typeof make !== "function") : undefined;
  if (isObject && wrong === undefined) return;
  const got = wrong ? `${typeof wrong[1]} as "${wrong[0]}"` : candidates === null ? "null" : typeof candidates;
  throw new EnergyError(
    "invalid-config",
    `fastestBackend: expected candidates, functions by name that create a backend each, got ${got}. ` +
      'Name those to choose among: fastestBackend({ wasm: async () => (await import("@comhe/wasm")).wasmBackend() }).',
    { path: "candidates" },
  );
}

/** Milliseconds of the second of two energies with their gradients: the first warms up. */
async function timeOf(backend: Backend<unknown>, [count, dim]: readonly [number, number]): Promise<number> {
  const shape = [Math.min(count, mostRows), Math.min(dim, mostColumns)] as const;
  const data = randomStream(1, "fastest", 0).fillNormal(new Float32Array(shape[0] * shape[1]));
  const evaluator = createEvaluator(backend, { space: "half" }, { seed: 1 });
  let begin = 0;
  for (let n = 0; n < 2; n++) {
    begin = performance.now();
    await evaluator.evaluate({ data, shape });
  }
  return performance.now() - begin;
}
