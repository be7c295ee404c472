/**
 * One case: every candidate is opened, compared with float64, then timed in turn with all others. A candidate that can't take
 * part stays in the results with the reason.
 */
import { type Candidate, outOfMemory, type Runner, Unavailable } from "../candidates/candidate.js";
import { type Errors, errorsOf, isWrong, wrong } from "../exact/errors.js";
import { computeTruth, type LayerTruth } from "../exact/truth.js";
import { type Contender, interleave, summarize } from "../harness.js";
import type { Case } from "../task/cases.js";
import { nominalFlops, type Task } from "../task/task.js";
import type { CandidateResult, CaseResult } from "./case-result.js";
import type { SpeedBook } from "./speed-book.js";

export interface MeasureOptions {
  readonly candidates: readonly Candidate[];
  /** Of timed calls, for each candidate. */
  readonly seconds: number;
  /** A call that is expected to take longer isn't made. */
  readonly patience: number;
  readonly book: SpeedBook;
  /** Where the caller has it already. */
  readonly truth?: readonly LayerTruth[];
}

interface Ready {
  readonly candidate: Candidate;
  readonly runner: Runner;
  readonly errors: Errors;
  /** Milliseconds of the first call, warm-up included. */
  readonly first: number;
}

/** Calls after the first that aren't timed, where calls are short enough to need them. */
const warmUpMilliseconds = 300;
const rest = 2;
/** Gradients of so many numbers are memory that the system hands out anew. */
const largeGradient = 2 ** 20;

export async function measureCase(chosen: Case, options: MeasureOptions): Promise<CaseResult> {
  const task = chosen.make();
  const flops = nominalFlops(task);
  const truth = options.truth ?? (await computeTruth(task.layers, task.seed));
  const ready: Ready[] = [];
  const results = new Map<string, CandidateResult>();
  const entrants = options.candidates.filter(({ headlineOnly }) => chosen.headline || !headlineOnly);
  try {
    for (const candidate of entrants) {
      const { name, id, ours } = candidate;
      const outcome = await prepare(candidate, task, flops, truth, options);
      if ("skipped" in outcome) results.set(id, { name, id, ours, ...outcome });
      else ready.push(outcome);
    }
    const collect = task.layers.some(({ count, dim }) => count * dim >= largeGradient);
    for (const result of await time(ready, flops, chosen.headline, collect, options)) results.set(result.id, result);
  } finally {
    for (const { runner } of ready) await runner.close();
  }
  const { count, dim } = task.layers[0]!;
  return {
    id: chosen.id,
    title: chosen.title,
    count,
    dim,
    nominalGflop: flops / 1e9,
    candidates: entrants.map(({ id }) => results.get(id)!),
  };
}

async function prepare(
  candidate: Candidate,
  task: Task,
  flops: number,
  truth: readonly LayerTruth[],
  { patience, book }: MeasureOptions,
): Promise<Ready | { skipped: string; errors?: Errors }> {
  const tooLarge = outOfMemory(candidate, task);
  if (tooLarge) return { skipped: tooLarge };
  const expected = book.expect(candidate.id, flops);
  if (expected > patience * 1000) {
    const seconds = `about ${(expected / 1000).toFixed(0)} s a call, by its last speed`;
    return { skipped: `${seconds}; the limit is ${Number(patience.toPrecision(2))} s` };
  }
  let runner: Runner | undefined;
  try {
    runner = await candidate.open(task);
    const start = performance.now();
    const result = await runner.result();
    const first = performance.now() - start;
    book.note(candidate.id, flops, first);
    const errors = errorsOf(task.layers, result, truth);
    if (!isWrong(errors)) return { candidate, runner, errors, first };
    await runner.close();
    return {
      skipped: `WRONG: further from float64 than ${wrong.energy} (energy), ${wrong.gradient} (gradient)`,
      errors,
    };
  } catch (error) {
    // What broke it may keep it from closing, too; the first reason is the one to tell.
    await runner?.close().catch(() => {});
    const reason = (error as Error).message.split("\n")[0]!;
    return { skipped: error instanceof Unavailable ? reason : `failed: ${reason}` };
  }
}

async function time(
  ready: readonly Ready[],
  flops: number,
  headline: boolean,
  collect: boolean,
  { seconds, patience, book }: MeasureOptions,
): Promise<CandidateResult[]> {
  // A call that long needs no warm-up: the one that was compared stands for it.
  const limit = 1000 * (headline ? Math.max(patience / 2, seconds) : Math.max(1.5, seconds));
  const contenders: Contender[] = [];
  for (const { candidate, runner, first } of ready) {
    if (first > limit) continue;
    const warmUntil = performance.now() + Math.min(warmUpMilliseconds, seconds * 500);
    if (first < warmUpMilliseconds) {
      do await runner.run();
      while (performance.now() < warmUntil);
    }
    contenders.push({ name: candidate.id, run: () => runner.run() });
  }
  const timings = await interleave(contenders, { rounds: 1000, warmUp: 0, seconds, rest, collect });
  return ready.map(({ candidate: { name, id, ours }, errors, first }) => {
    const timing = timings.find((each) => each.name === id) ?? summarize(id, [first], [timings[0]?.median ?? first]);
    book.note(id, flops, timing.median);
    return { name, id, ours, errors, timing, gflops: flops / timing.median / 1e6 };
  });
}
