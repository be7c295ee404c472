/**
 * A whole run, from the first step or from a checkpoint to the last step: logs, tests, checkpoints, Ctrl-C. The history is part
 * of the checkpoint, so that a run taken up again ends with the results of one that was never stopped.
 */
import { LayerWatch, type WatchState } from "@comhe-examples/study-kit/training";
import { UserError } from "@comhe-examples/study-kit/worker";
import { TrainingBatches, takeBatch } from "../data/batches.js";
import type { CifarData } from "../data/cifar-data.js";
import type { ImageSet } from "../data/image-set.js";
import { HIDDEN_LAYERS, withAverages } from "../network.js";
import { type Files, readLatestCheckpoint, writeCheckpoint } from "./checkpoint-file.js";
import { type StepReport, Trainer, type TrainerOptions } from "./trainer.js";

export interface RunOptions extends TrainerOptions {
  readonly batch: number;
  readonly augment: boolean;
  readonly testImages: number | undefined;
  readonly testEvery: number;
  readonly logEvery: number;
  readonly checkpointEvery: number;
  /** Path of the checkpoint, and what determines the run. */
  readonly checkpoint: string;
  readonly key: string;
  readonly signal: AbortSignal;
  readonly hooks: RunHooks;
  readonly files?: Files;
}

export interface RunHooks {
  /** Once, before the first step of this process. */
  start(step: number): void;
  step(step: number): void;
  log(entry: LogEntry): void;
  tested(entry: TestEntry): void;
  warn(line: string): void;
}

export interface LogEntry extends StepReport {
  /** Steps done before it, as in the authors' logs. */
  readonly step: number;
}

export interface TestEntry {
  /** Steps done. */
  readonly step: number;
  readonly accuracy: number;
}

export interface RunHistory {
  readonly log: readonly LogEntry[];
  readonly tests: readonly TestEntry[];
  readonly watch: WatchState;
  /** Wall time of the training steps alone, of every process that worked on the run. */
  readonly seconds: number;
  readonly diverged: boolean;
}

export interface RunOutcome {
  readonly finished: boolean;
  readonly step: number;
  readonly history: RunHistory;
  readonly layers: ReturnType<LayerWatch["history"]>;
}

/** Images classified at once. */
const TESTED_AT_ONCE = 100;

/** @throws UserError about checkpoints that can't be read or written, or data too small for a batch */
export async function runTraining(data: CifarData, options: RunOptions): Promise<RunOutcome> {
  const { training } = data;
  if (options.batch > training.count) {
    throw new UserError(
      `--batch: expected at most ${training.count}, the training images there are; got ${options.batch}.`,
    );
  }
  const saved = readLatestCheckpoint(options.checkpoint, options.hooks.warn);
  if (saved && saved.key !== options.key) {
    throw new UserError(
      `${options.checkpoint}: the checkpoint is of a run with other settings, data or code. --fresh begins anew, --out names another folder.`,
    );
  }
  const trainer = new Trainer(options);
  try {
    const watch = new LayerWatch(trainer.model, HIDDEN_LAYERS);
    const run = new Run(data, options, trainer, watch);
    if (saved) await run.restore(saved.trainer, saved.run as RunHistory);
    else await watch.record();
    options.hooks.start(trainer.step);
    return await run.toTheEnd();
  } finally {
    trainer.dispose();
  }
}

class Run {
  private log: LogEntry[] = [];
  private tests: TestEntry[] = [];
  private milliseconds = 0;
  private diverged = false;
  private readonly batches: TrainingBatches;
  private readonly test: ImageSet;

  constructor(
    { training, test }: CifarData,
    private readonly options: RunOptions,
    private readonly trainer: Trainer,
    private readonly watch: LayerWatch,
  ) {
    this.batches = new TrainingBatches(training, options.batch, options.seed, options.augment);
    this.test = { ...test, count: Math.min(test.count, options.testImages ?? test.count) };
  }

  async restore(state: Parameters<Trainer["restore"]>[0], history: RunHistory): Promise<void> {
    try {
      await this.trainer.restore(state);
    } catch (error) {
      throw new UserError(`${this.options.checkpoint}: the checkpoint doesn't fit: ${(error as Error).message}.`);
    }
    this.log = [...history.log];
    this.tests = [...history.tests];
    this.milliseconds = 1000 * history.seconds;
    this.diverged = history.diverged;
    this.watch.restore(history.watch);
  }

  async toTheEnd(): Promise<RunOutcome> {
    const { trainer, options } = this;
    const { steps, signal, hooks, logEvery, testEvery, checkpointEvery } = options;
    while (trainer.step < steps && !this.diverged && !signal.aborted) {
      await this.trainStep(trainer.step % logEvery === 0);
      const done = trainer.step;
      hooks.step(done);
      // Timers and signals get their turn: on some backends nothing else waits.
      await new Promise((resolve) => setImmediate(resolve));
      if (this.diverged) break;
      if (done % testEvery === 0 || done === steps) await this.measure();
      if (done % checkpointEvery === 0 && done < steps) await this.save(false);
    }
    await this.save(true);
    const finished = this.diverged || trainer.step >= steps;
    return { finished, step: trainer.step, history: this.history(), layers: this.watch.history() };
  }

  private async trainStep(read: boolean): Promise<void> {
    const { trainer, options } = this;
    const step = trainer.step;
    const start = performance.now();
    const report = await trainer.train(this.batches.at(step), read);
    this.milliseconds += performance.now() - start;
    if (!report) return;
    this.diverged = !Number.isFinite(report.fit + report.decay + report.hidden + report.output);
    if (this.diverged) {
      options.hooks.warn(`Step ${step}: the loss isn't finite any more; training ends here.`);
      return;
    }
    const entry = { step, ...report };
    this.log.push(entry);
    options.hooks.log(entry);
  }

  private async measure(): Promise<void> {
    const { trainer, options } = this;
    this.diverged = !(await this.watch.record());
    if (this.diverged) {
      options.hooks.warn(`Step ${trainer.step}: a weight isn't finite any more; training ends here.`);
      return;
    }
    const accuracy = await withAverages(trainer.model, trainer.step, () => this.accuracy());
    const entry = { step: trainer.step, accuracy };
    this.tests.push(entry);
    options.hooks.tested(entry);
  }

  private async accuracy(): Promise<number> {
    let right = 0;
    for (let start = 0; start < this.test.count; start += TESTED_AT_ONCE) {
      const length = Math.min(TESTED_AT_ONCE, this.test.count - start);
      const rows = Int32Array.from({ length }, (_, n) => start + n);
      right += await this.trainer.countRight(takeBatch(this.test, rows));
    }
    return right / this.test.count;
  }

  /** Where a checkpoint on the way fails, training goes on and the next one may succeed; the last one has to. */
  private async save(last: boolean): Promise<void> {
    const { checkpoint, key, hooks, files } = this.options;
    try {
      writeCheckpoint(checkpoint, { key, trainer: await this.trainer.state(), run: this.history() }, files);
    } catch (error) {
      if (last || !(error instanceof UserError)) throw error;
      hooks.warn(`${error.message} Training goes on; the checkpoint before it is still there.`);
    }
  }

  private history(): RunHistory {
    return {
      log: this.log,
      tests: this.tests,
      watch: this.watch.state,
      seconds: this.milliseconds / 1000,
      diverged: this.diverged,
    };
  }
}
