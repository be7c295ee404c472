/** The command line. Results go to stdout, progress and messages to stderr. */
import { abortOnInterrupt, tellEnd } from "@comhe-examples/study-kit";
import { type CommandLine, HELP, parseCommandLine } from "./command-line.js";
import { runStudy } from "./run-study.js";
import { tune } from "./tune.js";

async function main(args: readonly string[]): Promise<void> {
  const line = parseCommandLine(args);
  if (line === undefined) console.log(HELP);
  else await execute(line, abortOnInterrupt());
}

async function execute(line: CommandLine, signal: AbortSignal): Promise<void> {
  switch (line.command) {
    case "run":
      return runStudy(line, signal);
    case "tune":
      return tune(line, signal);
    case "bench":
      // The only command that trains in this thread, and so the only one that loads TensorFlow.js in it.
      return (await import("./bench.js")).bench(line);
  }
}

main(process.argv.slice(2)).catch(tellEnd);
