/** The command line. Results go to stdout, progress and messages to stderr. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { abortOnInterrupt, describeMachine, formatFixed, tellEnd } from "@comhe-examples/study-kit";
import { type CommandLine, HELP, parseCommandLine } from "./command-line.js";
import { RECORD_FILE } from "./paths.js";
import { hostRegimes, regimes } from "./regimes/all.js";
import { regimesPicture } from "./study/picture.js";
import { type RegimeRecord, readRecord, type StudyRecord } from "./study/record.js";
import { runRegime } from "./study/run-regime.js";
import { serveRegimes } from "./study/serve.js";
import { shortTable } from "./study/short-table.js";
import { sweepWeights } from "./study/sweep.js";
import { againstNone, conclusions, regimesTable } from "./study/table.js";
import { windowsTable } from "./study/windows.js";

async function main(args: readonly string[]): Promise<void> {
  const line = parseCommandLine(args);
  if (line === undefined) console.log(HELP);
  else if (line.command === "table") showRecord(line);
  else if (line.command === "suggest") await suggest(line);
  else if (line.serve !== undefined) await serve(line, line.serve, abortOnInterrupt());
  else if (line.command === "sweep") await sweep(line, abortOnInterrupt());
  else await runStudy(line, abortOnInterrupt());
}

function serve({ fashion, regimes: served, workers }: CommandLine, server: string, signal: AbortSignal): Promise<void> {
  return serveRegimes({ regimes: served, folders: { fashion: resolve(fashion) }, server, workers, signal });
}

/** The tables of the results in the repository; their picture goes to the folder for results. */
function showRecord({ out }: CommandLine): void {
  const record = readRecord(RECORD_FILE);
  print(record);
  mkdirSync(out, { recursive: true });
  const path = join(out, "regimes.svg");
  writeFileSync(path, regimesPicture(record.regimes));
  console.log(`Written: ${path}`);
}

/** Regime by regime; what is done is written before the next begins, beside what was done before. */
async function runStudy(line: CommandLine, signal: AbortSignal): Promise<void> {
  const file = join(line.out, "results.json");
  mkdirSync(line.out, { recursive: true });
  for (const regime of line.regimes) {
    const { fashion, seeds, out, workers, on } = line;
    console.error(`${regime.label}: ${regime.about}.`);
    const done = await runRegime(regime, { folders: { fashion }, seeds, out, workers, on, signal });
    put(file, done);
  }
  print(readRecord(file));
  console.log(`Written: ${file}`);
}

/** Adds which weights work to the results in the folder. */
async function sweep({ fashion, seeds, out, workers, on, regimes: asked }: CommandLine, signal: AbortSignal) {
  const file = join(out, "results.json");
  for (const regime of asked) {
    const done = readRecord(file).regimes.find(({ name }) => name === regime.name);
    if (!done) continue;
    console.error(`${regime.label} …`);
    const found = await sweepWeights(regime, done, { folders: { fashion }, seeds, out, workers, on, signal });
    put(file, { ...done, sweep: found });
  }
  console.log(`Written: ${file}`);
}

/** Adds what `suggestWeight` says to the results in the folder. */
async function suggest({ out, fashion, regimes: asked }: CommandLine): Promise<void> {
  // With TensorFlow.js, which the other commands don't load.
  const { startTfjs, suggestionsOf } = await import("./study/suggest.js");
  await startTfjs();
  const file = join(out, "results.json");
  for (const regime of hostRegimes.filter((each) => asked.includes(each))) {
    const done = readRecord(file).regimes.find(({ name }) => name === regime.name);
    if (!done) continue;
    console.error(`${regime.label} …`);
    put(file, { ...done, suggestions: await suggestionsOf(regime, { fashion }) });
  }
  console.log(windowsTable(readRecord(file).regimes));
  console.log(`Written: ${file}`);
}

/** In the place of what was there of the regime. */
function put(file: string, done: RegimeRecord): void {
  const others = readRecord(file).regimes.filter(({ name }) => name !== done.name);
  const record: StudyRecord = { machine: describeMachine(), regimes: inOrder([...others, done]) };
  writeFileSync(file, `${JSON.stringify(record, null, 1)}\n`);
}

function inOrder(records: readonly RegimeRecord[]): RegimeRecord[] {
  return regimes.flatMap(({ name }) => records.filter((record) => record.name === name));
}

function print({ regimes: records }: StudyRecord): void {
  console.log(regimesTable(records));
  console.log(`\n${shortTable(records)}\n`);
  for (const line of [...againstNone(records), ...conclusions(records)]) console.log(line);
  if (records.some(({ suggestions }) => suggestions)) console.log(`\n${windowsTable(records)}`);
  const hours = records.reduce((sum, record) => sum + record.hours, 0);
  console.log(`${formatFixed(hours, 1)} hours of training.`);
}

main(process.argv.slice(2)).catch(tellEnd);
