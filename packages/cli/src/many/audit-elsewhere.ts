/** `comhe audit --on`: the layers are audited by whoever serves the server, and come back as if they had been audited here. */
import { homedir } from "node:os";
import { join } from "node:path";
import type { AuditOptions, AuditSettings, FailedLayer } from "@comhe/audit";
import { printable } from "@comhe/audit/text";
import { layerOf, pieceNames } from "@comhe/jobs";
import { connectTo, submit } from "@comhe/jobs/nats";
import { folderStore } from "@comhe/jobs/node";
import type { ModelContents } from "@comhe/models";
import { UsageError } from "../command/exit-code.js";
import { conflictLine, progressLine, tellLines } from "./lines.js";
import { type OpenedHow, planAudit } from "./plan-audit.js";

/** Of {@link auditElsewhere}. */
export interface Elsewhere {
  /** nats://host[:port] */
  readonly on: string;
  /** The folder of results; left out: one in the user's cache. */
  readonly results: string | undefined;
  /** Copies that a cluster keeps; left out: 1. */
  readonly replicas: number | undefined;
  readonly watched: boolean;
  readonly signal: AbortSignal;
}

/** Where results are kept unless the user says: what took hours must not be lost with a temporary folder. */
export const ownResults = (): string =>
  join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "comhe", "results");

/** @throws UsageError */
export function replicasOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!["1", "3", "5"].includes(text)) throw new UsageError(`--replicas: expected 1, 3 or 5, got "${text}".`);
  return Number(text);
}

/** What is known of each layer once all are done or given up, for `auditOpened`; and the layers that nothing is known of. */
export interface KnownLayers {
  readonly known: NonNullable<AuditOptions<unknown>["known"]>;
  readonly isKnown: (contents: ModelContents, layer: string) => boolean;
  readonly interrupted: boolean;
}

/** @param models with the wanted layers alone, in their final layouts */
export async function auditElsewhere(
  models: readonly ModelContents[],
  settings: AuditSettings,
  how: OpenedHow,
  { on, results, replicas, watched, signal }: Elsewhere,
): Promise<KnownLayers> {
  const plan = await planAudit(models, settings, how);
  const store = await folderStore(results ?? ownResults());
  const connection = await connectTo(on);
  try {
    const log = tellLines();
    const progress = progressLine(watched);
    const outcome = await submit(connection, plan, {
      ...{ store, signal, replicas, onLog: log, onProgress: progress.tell },
      onConflict: (conflict) => log(conflictLine(conflict)),
    }).finally(progress.stop);
    if (outcome.cancelled) log("the plan was cancelled; the same command goes on with it.");
    const names = await pieceNames(plan);
    const found = new Map<string, FailedLayer | ReturnType<typeof layerOf>>();
    const keyOf = (contents: ModelContents, layer: string) =>
      JSON.stringify([models.findIndex(({ path }) => path === contents.path), layer]);
    let number = 0;
    for (const contents of models) {
      for (const { name } of contents.layers) {
        const result = await store.get(names[number]!);
        const dead = outcome.failed.find((each) => each.number === number);
        const key = keyOf(contents, name);
        if (result) found.set(key, { ...layerOf(result), file: contents.path });
        else if (dead) {
          const problem = `given up after ${dead.tries} tries, last by ${printable(dead.worker)}: ${printable(dead.error)}`;
          found.set(key, { file: contents.path, layer: name, problem, code: "unexpected" });
        }
        number++;
      }
    }
    return {
      known: async (contents, { name }) => found.get(keyOf(contents, name)),
      isKnown: (contents, layer) => found.has(keyOf(contents, layer)),
      interrupted: outcome.interrupted || outcome.cancelled,
    };
  } finally {
    await connection.close();
  }
}
