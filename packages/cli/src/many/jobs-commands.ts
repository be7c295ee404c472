/** `comhe jobs plan` and `run`: plans as files, here, in shares or on a server. */
import { readFileSync } from "node:fs";
import type { AuditSettings } from "@comhe/audit";
import { counted } from "@comhe/audit/text";
import type { Layout } from "@comhe/core/layouts";
import {
  checkPlan,
  PieceRunner,
  type Plan,
  pieceCount,
  pieceNames,
  type ResultStore,
  reduceTable,
  type StripResult,
  stripOf,
} from "@comhe/jobs";
import { connectTo, submit } from "@comhe/jobs/nats";
import { folderStore, PieceThread, runLocally } from "@comhe/jobs/node";
import { loadBackend } from "../backends/load-backend.js";
import { layerFilter, layoutRules, type SharedFlags, wholeNumber } from "../command/audit-options.js";
import { ExitCode, UsageError } from "../command/exit-code.js";
import { abortOnInterrupt } from "../command/interrupt.js";
import { isWatched } from "../command/progress.js";
import { printResult } from "../command/write-result.js";
import { closeModels, openModels } from "../files/open-models.js";
import { ownResults, replicasOf } from "./audit-elsewhere.js";
import { costOf, describePlan, modelPlan, type PlanFlags, simulatedPlan } from "./jobs-plan.js";
import { conflictLine, progressLine, tellLines } from "./lines.js";
import { bytesOf, threadEntry } from "./worker-command.js";

export async function planCommand(files: readonly string[], flags: SharedFlags & PlanFlags): Promise<number> {
  if ((flags.simulate === undefined) === (files.length === 0))
    throw new UsageError("expected either a model's file or --simulate; got both or neither.");
  const { settingsOf } = await import("../command/read-spec.js");
  const pairs = flags.pairs === undefined ? undefined : wholeNumber("--pairs", flags.pairs, 100);
  const settings = settingsOf(flags.spec, { budget: undefined, pairs, seed: wholeNumber("--seed", flags.seed, 0) });
  const backend = await loadBackend(flags.backend, 1);
  const runner = new PieceRunner({ backend, allow: async (path) => path });
  try {
    const plan =
      flags.simulate === undefined
        ? await planOfFiles(files, settings, flags)
        : simulatedPlan(flags.simulate, settings, flags);
    printResult(await describePlan(plan, await costOf(plan, backend, runner), flags, backend.name));
  } finally {
    await runner.close();
  }
  return ExitCode.ok;
}

async function planOfFiles(
  files: readonly string[],
  settings: AuditSettings,
  flags: SharedFlags & PlanFlags,
): Promise<Plan> {
  const [wanted, rules] = [layerFilter(flags), layoutRules(flags.layout)];
  const layouts: Record<string, Layout> = {};
  const { models } = await openModels(files, undefined, { layoutOf: recording(rules.layoutOf, layouts) });
  try {
    const chosen = models.map((model) => ({
      ...model,
      layers: model.layers.filter(({ name }) => wanted(name)).map(rules.apply),
    }));
    return await modelPlan(chosen, settings, { layouts }, flags);
  } finally {
    await closeModels(models);
  }
}

/** Keeps what was asked for and given, so that workers open the file likewise. */
export function recording(layoutOf: (name: string) => Layout | undefined, into: Record<string, Layout>) {
  return (name: string): Layout | undefined => {
    const given = layoutOf(name);
    if (given !== undefined) into[name] = given;
    return given;
  };
}

export interface RunFlags {
  readonly backend: string;
  readonly results?: string;
  readonly on?: string;
  readonly share?: string;
  readonly replicas?: string;
  readonly check?: string;
  readonly threads?: string;
  readonly allow: readonly string[];
  readonly memory?: string;
  readonly progress?: boolean;
}

export async function runCommand(file: string, flags: RunFlags): Promise<number> {
  if (flags.on !== undefined && flags.share !== undefined)
    throw new UsageError("--on and --share can't be used together: a server hands out the pieces itself.");
  const { replicas, check } = serverOptions(flags);
  const plan = readPlan(file);
  const store = await folderStore(flags.results ?? ownResults());
  const signal = abortOnInterrupt();
  const log = tellLines();
  const progress = progressLine(isWatched(flags));
  const onConflict = (conflict: Parameters<typeof conflictLine>[0]) => log(conflictLine(conflict));
  let failed: readonly { readonly number: number; readonly error: string }[];
  if (flags.on === undefined) {
    const outcome = await runLocally(plan, {
      ...{ store, signal, onConflict, entry: threadEntry(), backend: flags.backend, mostBytes: bytesOf(flags.memory) },
      threads: flags.threads === undefined ? undefined : wholeNumber("--threads", flags.threads, 1),
      allow: flags.allow.length === 0 ? [process.cwd()] : flags.allow,
      share: shareOf(flags.share),
      onProgress: ({ done, of }) =>
        progress.tell({ done, of, workers: [{ worker: "this", backend: "", done, pieces: [] }] }),
    }).finally(progress.stop);
    failed = outcome.failed.map(({ number, message }) => ({ number, error: message }));
  } else {
    const connection = await connectTo(flags.on);
    const outcome = await submit(connection, plan, {
      ...{ store, signal, replicas, check, onConflict, onLog: log },
      onProgress: progress.tell,
    }).finally(async () => {
      progress.stop();
      await connection.close();
    });
    failed = outcome.failed;
  }
  for (const { number, error } of failed) log(`piece ${number}: ${error}`);
  if (signal.aborted) return ExitCode.interrupted;
  printResult(await totalOf(plan, store));
  return failed.length > 0 ? ExitCode.input : ExitCode.ok;
}

/** What is of a server alone. @throws UsageError */
function serverOptions(flags: RunFlags) {
  const given = (["replicas", "check"] as const).filter((name) => flags[name] !== undefined);
  if (flags.on === undefined && given.length > 0)
    throw new UsageError(`--${given[0]} needs a server: say which by --on nats://host.`);
  return { replicas: replicasOf(flags.replicas), check: checkOf(flags) };
}

/** A sample of strangers' results is computed again by a thread like a worker's. @throws UsageError */
function checkOf({ check, backend, allow, memory }: RunFlags) {
  if (check === undefined) return undefined;
  const share = Number(check);
  if (!(share > 0 && share <= 1)) throw new UsageError(`--check: expected a share above 0, up to 1, got "${check}".`);
  const places = allow.length === 0 ? [process.cwd()] : allow;
  return { share, thread: new PieceThread(threadEntry(), { backend, allow: places, mostBytes: bytesOf(memory) }) };
}

/** `3/8`: the fourth of eight. Slurm counts its arrays so. @throws UsageError */
function shareOf(text: string | undefined): { index: number; of: number } | undefined {
  if (text === undefined) return undefined;
  const [, index, of] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  if (index === undefined || Number(index) >= Number(of)) {
    throw new UsageError(
      `--share: expected i/n with 0 ≤ i < n, such as $SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT, got "${text}".`,
    );
  }
  return { index: Number(index), of: Number(of) };
}

function readPlan(file: string): Plan {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    // What a parser quotes of a binary file tells nobody anything.
    const why = error instanceof SyntaxError ? "it isn't JSON" : (error as Error).message;
    throw new UsageError(`${file}: expected a plan that \`comhe jobs plan --out\` wrote (${why}).`);
  }
  return checkPlan(json);
}

/** A table's energy where all pieces are there; otherwise how many are. */
async function totalOf(plan: Plan, store: ResultStore): Promise<string> {
  const results: StripResult[] = [];
  let there = 0;
  for (const name of await pieceNames(plan)) {
    const result = await store.get(name);
    if (result === undefined) continue;
    there++;
    if (plan.kind === "table") results.push(stripOf(result));
  }
  const pieces = pieceCount(plan);
  if (there < pieces) return `${there} of ${counted(pieces, "piece")} are done.\n`;
  if (plan.kind !== "table") return `All ${counted(pieces, "piece")} are done.\n`;
  const { energy, pairs, deadNeurons } = reduceTable(plan, results);
  return `${JSON.stringify({ energy, pairs, deadNeurons, count: plan.table.count, dim: plan.table.dim })}\n`;
}
