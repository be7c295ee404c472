/**
 * Progress of one long training run on stderr: a bar with the time left where someone is watching; in a log or a pipe
 * nothing but the lines, each with the time left.
 */
import { SingleBar } from "cli-progress";
import { formatDuration } from "../format.js";

export interface StepProgress {
  update(step: number): void;
  /** A line that stays, above the bar. */
  line(text: string, step: number): void;
  stop(): void;
}

/** @param first step that this process begins with: the ones before it tell nothing of its speed */
export function createStepProgress(
  total: number,
  first: number,
  stream: NodeJS.WriteStream = process.stderr,
): StepProgress {
  const start = performance.now();
  const left = (step: number) =>
    step <= first ? "…" : formatDuration(((performance.now() - start) / (step - first)) * (total - step));
  if (!stream.isTTY) {
    return {
      update() {},
      line: (text, step) => void stream.write(`[${step}/${total}] ${text}, ${left(step)} left\n`),
      stop() {},
    };
  }
  const bar = new SingleBar({
    format: "{bar} {percentage}% | step {value}/{total} | {left} left",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 24,
    hideCursor: true,
    linewrap: false,
    stream,
  });
  bar.start(total, first, { left: "…" });
  return {
    update: (step) => bar.update(step, { left: left(step) }),
    line(text, step) {
      bar.stop();
      // Over the bar's last frame, which starts again below.
      stream.write(`\x1b[1A\x1b[2K[${step}/${total}] ${text}\n`);
      bar.start(total, step, { left: left(step) });
    },
    stop: () => bar.stop(),
  };
}
