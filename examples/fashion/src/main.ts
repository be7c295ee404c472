/** The command line. Results go to stdout, progress and messages to stderr. */
import { abortOnInterrupt, tellEnd } from "@comhe-examples/study-kit";
import { HELP, parseCommandLine } from "./command-line.js";
import { runStudy } from "./run-study.js";

async function main(args: readonly string[]): Promise<void> {
  const line = parseCommandLine(args);
  if (line === undefined) console.log(HELP);
  else await runStudy(line, abortOnInterrupt());
}

main(process.argv.slice(2)).catch(tellEnd);
