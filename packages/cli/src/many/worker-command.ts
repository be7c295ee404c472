/** `comhe worker`: serves the plans on a server until it is told to stop. */
import { counted, printable } from "@comhe/audit/text";
import { connectTo, work } from "@comhe/jobs/nats";
import { parseTime, wholeNumber } from "../command/audit-options.js";
import { ExitCode } from "../command/exit-code.js";
import { abortOnInterrupt } from "../command/interrupt.js";

export interface WorkerFlags {
  readonly backend: string;
  readonly threads?: string;
  readonly allow: readonly string[];
  readonly memory?: string;
  readonly idle?: string;
  readonly name?: string;
}

/** The threads' entry file, beside the command's own. */
export const threadEntry = (): URL => new URL("./piece-thread.js", import.meta.url);

/** Bytes from megabytes. */
export const bytesOf = (megabytes: string | undefined): number | undefined =>
  megabytes === undefined ? undefined : wholeNumber("--memory", megabytes, 1) * 1e6;

export async function workerCommand(address: string, flags: WorkerFlags): Promise<number> {
  const threads = flags.threads === undefined ? undefined : wholeNumber("--threads", flags.threads, 1);
  const idle = flags.idle === undefined ? undefined : parseTime(flags.idle, "--idle");
  const mostBytes = bytesOf(flags.memory);
  const say = (line: string) => process.stderr.write(`comhe: ${printable(line)}\n`);
  let waits = 0;
  // It may well be started before its server.
  const connection = await connectTo(address, {
    onWaiting: (problem) => waits++ === 0 && say(`no server at ${address} yet (${problem}); waiting for it`),
  });
  const signal = abortOnInterrupt();
  process.on("SIGTERM", () => process.emit("SIGINT"));
  const places = flags.allow.length === 0 ? [process.cwd()] : flags.allow;
  say(`serving ${connection.getServer()}; it may read ${places.join(", ")}`);
  const done = await work(connection, {
    ...{
      threads,
      idle,
      mostBytes,
      signal,
      entry: threadEntry(),
      backend: flags.backend,
      allow: places,
      name: flags.name,
    },
    onLog: say,
    onPiece: (number, milliseconds) => {
      if (process.stderr.isTTY) say(`piece ${number} in ${(milliseconds / 1000).toFixed(1)} s`);
    },
  });
  await connection.close();
  say(`${counted(done, "piece")} done`);
  return signal.aborted ? ExitCode.interrupted : ExitCode.ok;
}
