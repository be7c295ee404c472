/** `npm run bench`: prints the tables, and writes one file of results for each part. `--help` says what can be chosen. */
import "./relaxed-simd.js";
import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs";
import { candidates } from "./candidates/all.js";
import type { Candidate } from "./candidates/candidate.js";
import { closePython, pythonProcess } from "./candidates/pytorch.js";
import { measureCeilings } from "./ceilings.js";
import { type CommandLine, help, parseCommandLine, UsageError } from "./command-line.js";
import { keepEarlier } from "./keep-earlier.js";
import { SpeedBook } from "./measure/speed-book.js";
import { costPart } from "./parts/cost.js";
import { growthPart } from "./parts/growth.js";
import { librariesPart } from "./parts/libraries.js";
import { networkPart, pairwisePart, randomPart, variationsPart } from "./parts/measured-cases.js";
import { memoryPart } from "./parts/memory.js";
import type { PartOptions } from "./parts/part.js";
import { ceilingTable } from "./print.js";
import { type PartResults, provenance, type ResultsFile, readResults, resultsFolder, writeResults } from "./results.js";

const run: { [P in keyof PartResults]: (options: PartOptions) => Promise<PartResults[P]> } = {
  pairwise: pairwisePart,
  random: randomPart,
  network: networkPart,
  growth: growthPart,
  memory: memoryPart,
  cost: costPart,
  libraries: librariesPart,
  variations: variationsPart,
};

async function main(): Promise<void> {
  const command = parseCommandLine(process.argv.slice(2));
  if (!command) {
    console.log(help);
    return;
  }
  await tf.setBackend("wasm");
  await tf.ready();
  const versions = await pythonVersions();
  const where = provenance(versions, await measureCeilings());
  console.log(`${where.machine.cpu}, ${where.machine.cores} cores, ${JSON.stringify(where.versions)}`);
  console.log(ceilingTable(where.ceilings!));
  const options: PartOptions = {
    ...command,
    candidates: choose(command),
    book: new SpeedBook(),
    truths: new Map(),
    deadline: performance.now() + command.minutes * 60_000,
    peak: where.ceilings?.peak,
  };
  for (const part of command.parts) {
    const start = performance.now();
    const results = await run[part](options);
    console.log(`\n${part}: ${((performance.now() - start) / 1000).toFixed(0)} s`);
    write(command, part, { ...where, results } as never);
  }
  closePython();
}

function write<P extends keyof PartResults>(command: CommandLine, part: P, fresh: ResultsFile<P>): void {
  const { out } = command;
  if (!isWhole(command)) {
    if (out) console.log(`written: ${writeResults(out, part, fresh)}`);
    return;
  }
  const folder = out ?? resultsFolder;
  const { file, kept, missing } = keepEarlier(part, fresh, readResults(folder, part));
  console.log(file ? `written: ${writeResults(folder, part, file)}` : `${part}: nothing measured, nothing written`);
  if (kept.length > 0) console.log(`${part}: as measured before: ${kept.join(", ")}`);
  if (missing.length > 0) console.log(`${part}: no results of ${missing.join(", ")}`);
}

/** Some candidates must not replace all of a case's. Some cases leave the others as they are: a long part can be measured piece by piece. */
function isWhole({ quick, candidates }: CommandLine): boolean {
  return !quick && !candidates;
}

function choose({ candidates: beginnings }: CommandLine): readonly Candidate[] {
  if (!beginnings) return candidates;
  const chosen = candidates.filter(({ id }) => beginnings.some((beginning) => id.startsWith(beginning)));
  if (chosen.length > 0) return chosen;
  throw new UsageError(`--peers: expected beginnings of ${candidates.map(({ id }) => id).join(", ")}.`);
}

async function pythonVersions(): Promise<Record<string, string>> {
  try {
    return { ...(await (await pythonProcess()).versions()) };
  } catch {
    return {};
  }
}

try {
  await main();
} catch (error) {
  closePython();
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
