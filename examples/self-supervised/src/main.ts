/** The command line. Results go to stdout, progress and messages to stderr. */
import { abortOnInterrupt, INTERRUPTED_EXIT_CODE, InterruptedError, RunFailedError } from "@comhe-examples/study-kit";
import { UserError } from "@comhe-examples/study-kit/worker";
import { HELP, parseCommandLine } from "./command-line.js";
import { runStudy } from "./run-study.js";
import { showRecords } from "./show-records.js";
import { tune } from "./tune.js";

async function main(args: readonly string[]): Promise<void> {
  const line = parseCommandLine(args);
  if (line === undefined) console.log(HELP);
  else if (line.command === "tune") await tune(line, abortOnInterrupt());
  else if (line.command === "table") for (const text of showRecords(line)) console.log(text);
  else await runStudy(line, abortOnInterrupt());
}

main(process.argv.slice(2)).catch((error: unknown) => {
  // What the user did or can put right is told without a stack.
  const expected = error instanceof InterruptedError || error instanceof UserError || error instanceof RunFailedError;
  console.error(expected ? error.message : error);
  process.exitCode = error instanceof InterruptedError ? INTERRUPTED_EXIT_CODE : 1;
});
