/** What the page offers to the test that drives it: the built package under the conformance suite, and what may go wrong. */
import { conformanceChecks, runChecks, type Tolerance } from "@comhe/conformance/checks";
import { createEvaluator, type EnergyConfig, energyAndGradient, randomStream } from "@comhe/core";
import { type WebgpuBackend, webgpuBackend } from "@comhe/webgpu";

/** Every check whose name fits `only`, on one backend. */
async function conform(tolerance: Tolerance, only: string) {
  const made: WebgpuBackend[] = [];
  const create = async () => {
    const backend = await webgpuBackend();
    made.push(backend);
    return backend;
  };
  const handles = () => made.reduce((total, backend) => total + backend.memory().arrays, 0);
  const checks = conformanceChecks({ name: "webgpu", create, tolerance, handles });
  const some = checks.filter(({ name }) => new RegExp(only).test(name));
  const backend = await create();
  const outcomes = await runChecks(some, backend, ({ name, cases, ms }) => {
    console.log(`webgpu ${name}: ${cases} cases, ${ms.toFixed()} ms`);
  });
  backend.dispose();
  return outcomes;
}

const weights = (count: number, dim: number) => ({
  data: randomStream(1, "page", 0).fillNormal(new Float32Array(count * dim)),
  shape: [count, dim] as const,
});

/** Evaluates again and again; what is alive is counted after the first calls and after the last. */
async function repeat(calls: number, config: EnergyConfig) {
  const backend = await webgpuBackend();
  const evaluate = () => energyAndGradient(backend, config, weights(20, 12), { seed: 7 });
  const first = await evaluate();
  await evaluate();
  const before = backend.memory();
  let different = 0;
  for (let call = 2; call < calls; call++) {
    const { energy, gradient } = await evaluate();
    if (energy !== first.energy || gradient.some((value, n) => value !== first.gradient[n])) different++;
  }
  const after = backend.memory();
  backend.dispose();
  return { different, before, after };
}

/** What evaluating says after the device was destroyed, before it or under way, and the energy that a new backend gives then. */
async function breakDevice(underWay: boolean) {
  const backend = await webgpuBackend();
  const evaluator = createEvaluator(backend, { space: "half" });
  const before = await evaluator.evaluate(weights(8, 4));
  let evaluating = underWay ? messageOf(evaluator.evaluate(weights(8, 4))) : undefined;
  backend.device.destroy();
  if (!underWay) await backend.device.lost;
  evaluating ??= messageOf(evaluator.evaluate(weights(8, 4)));
  const message = await evaluating;
  const after = await energyAndGradient(await webgpuBackend(), { space: "half" }, weights(8, 4));
  return { message, sameAgain: after.energy === before.energy };
}

/** What making a backend and evaluating say, or the energy; in the page, or in a worker of it. */
async function attempt(where: "page" | "worker") {
  if (where === "page") return evaluateOnce(webgpuBackend);
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const told = await new Promise<Awaited<ReturnType<typeof evaluateOnce>>>((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
  });
  worker.terminate();
  return told;
}

export async function evaluateOnce(make: typeof webgpuBackend) {
  try {
    const backend = await make();
    const { energy } = await energyAndGradient(backend, { space: "half" }, weights(8, 4));
    backend.dispose();
    return { energy };
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    return { code, message };
  }
}

const messageOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "no error",
    (error: Error & { code?: string }) => `${error.code}: ${error.message}`,
  );

const offered = { conform, repeat, breakDevice, attempt };
export type Offered = typeof offered;
Object.assign(globalThis, offered);
