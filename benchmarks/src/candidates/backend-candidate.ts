/** Any backend of the contract as a candidate: host data in, energy and gradient back, as a user of core has it. */
import { type Backend, createEvaluator, type MaybePromise } from "@comhe/core";
import type { Task } from "../task/task.js";
import { type Candidate, Unavailable } from "./candidate.js";

export interface BackendCandidate {
  readonly name: string;
  readonly id: string;
  readonly headlineOnly?: boolean;
  /** Imports the package and makes the backend. */
  // biome-ignore lint/suspicious/noExplicitAny: handles are the backend's own business
  readonly create: () => MaybePromise<Backend<any>>;
}

export function backendCandidate({ name, id, headlineOnly = false, create }: BackendCandidate): Candidate {
  return {
    name,
    id,
    ours: true,
    headlineOnly,
    async open(task) {
      const backend = await tryCreate(create);
      const evaluators = evaluatorsOf(backend, task);
      const evaluate = async (on: ReturnType<typeof evaluatorsOf>) => {
        const results = [];
        // One layer after the other, as a training step meets them.
        for (const { evaluator, kernel } of on) results.push(await evaluator.evaluate(kernel));
        return results;
      };
      return {
        run: async () => {
          await evaluate(evaluators);
          return undefined;
        },
        result: async () => {
          const results = await evaluate(evaluatorsOf(backend, task));
          return {
            energies: results.map(({ energy }) => energy),
            gradients: results.map(({ gradient }) => gradient as Float32Array),
          };
        },
        close: async () => {
          await backend.dispose?.();
        },
      };
    },
  };
}

async function tryCreate<A>(create: () => MaybePromise<Backend<A>>): Promise<Backend<A>> {
  try {
    return await create();
  } catch (error) {
    if (error instanceof Unavailable) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    // The message would name this machine's folders.
    if (code === "ERR_MODULE_NOT_FOUND") throw new Unavailable("its package isn't built, or isn't installed");
    throw new Unavailable(`can't be made: ${message.split("\n")[0]}`);
  }
}

function evaluatorsOf<A>(backend: Backend<A>, task: Task) {
  return task.layers.map(({ name, count, dim, data, spec }) => ({
    evaluator: createEvaluator(backend, spec, { seed: task.seed, name }),
    kernel: { data, shape: [count, dim] },
  }));
}
