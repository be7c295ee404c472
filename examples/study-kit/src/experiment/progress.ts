/**
 * Progress on stderr, so that stdout holds results alone: a bar where someone is watching, one plain line per finished
 * run in a log or a pipe.
 */
import { SingleBar } from "cli-progress";
import { formatDuration } from "../format.js";

export interface ProgressDisplay {
  /** Runs' worth of work done so far, fractions included. */
  update(done: number): void;
  finish(line: string, done: number): void;
  stop(): void;
}

export function createProgress(total: number, stream: NodeJS.WriteStream = process.stderr): ProgressDisplay {
  return stream.isTTY ? barDisplay(total, stream) : lineDisplay(total, stream);
}

const BAR_UNITS_PER_RUN = 100;

function barDisplay(total: number, stream: NodeJS.WriteStream): ProgressDisplay {
  const timeLeft = estimateTimeLeft(total);
  let line = "";
  const bar = new SingleBar({
    format: "{bar} {percentage}% | {runs} runs | {left} left | {line}",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 24,
    hideCursor: true,
    linewrap: false,
    stream,
  });
  const payload = (done: number) => ({ runs: `${Math.floor(done)}/${total}`, left: timeLeft(done), line });
  const update = (done: number) => bar.update(Math.round(done * BAR_UNITS_PER_RUN), payload(done));
  bar.start(total * BAR_UNITS_PER_RUN, 0, payload(0));
  return {
    update,
    finish(text, done) {
      line = text;
      update(done);
    },
    stop: () => bar.stop(),
  };
}

function lineDisplay(total: number, stream: NodeJS.WriteStream): ProgressDisplay {
  const timeLeft = estimateTimeLeft(total);
  let finished = 0;
  return {
    update() {},
    finish(text, done) {
      finished += 1;
      stream.write(`[${finished}/${total}] ${text}, ${timeLeft(done)} left\n`);
    },
    stop() {},
  };
}

/** From the mean speed so far; runs differ in length, so the share of work done tells more than the last run's time. */
function estimateTimeLeft(total: number): (done: number) => string {
  const start = performance.now();
  return (done) => (done <= 0 ? "…" : formatDuration(((performance.now() - start) / done) * (total - done)));
}
