/** What is told of work that happens elsewhere, on stderr. */
import { counted, printable } from "@comhe/audit/text";
import type { Conflict } from "@comhe/jobs";
import type { SubmitProgress } from "@comhe/jobs/nats";

/** Lines for whoever watches, each once a minute at most: a server that is away would say so twice a second. */
export function tellLines(stream: NodeJS.WriteStream = process.stderr): (line: string) => void {
  const told = new Map<string, number>();
  return (line) => {
    const now = Date.now();
    if (now - (told.get(line) ?? Number.NEGATIVE_INFINITY) < 60_000) return;
    if (told.size > 1000) told.clear();
    told.set(line, now);
    stream.write(`comhe: ${printable(line)}\n`);
  };
}

/** Two results that contradict each other, with who made them. */
export function conflictLine({ number, kept, other, difference }: Conflict): string {
  const by =
    difference.by === null
      ? ""
      : ` by ${difference.by.toExponential(1)} (at most ${difference.bound.toExponential(0)} is due to rounding)`;
  return `two results of piece ${number} differ in ${difference.of}${by}: kept ${kept.worker}'s (${kept.backend}), put aside ${other.worker}'s (${other.backend}). Have a look at both machines.`;
}

/** How far it is, and who is at it: a line that is written over on a terminal, and one in every half minute elsewhere. */
export function progressLine(watched: boolean, stream: NodeJS.WriteStream = process.stderr) {
  let last = 0;
  let text = "";
  return {
    tell({ done, of, workers }: Pick<SubmitProgress, "done" | "of" | "workers">): void {
      if (!watched) return;
      const next = `${done} of ${counted(of, "piece")}, ${workers.length === 0 ? "no worker is there; start `comhe worker`" : counted(workers.length, "worker")}`;
      const now = Date.now();
      if (next === text || now - last < (stream.isTTY ? 200 : 30_000)) return;
      [text, last] = [next, now];
      stream.write(stream.isTTY ? `\r\u001b[2K${next}` : `${next}\n`);
    },
    stop(): void {
      if (stream.isTTY && text !== "") stream.write("\n");
    },
  };
}
