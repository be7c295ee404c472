/**
 * The worker behind the page: it opens models and audits them, so that the page stays responsive. It is started from a blob, and so under the page's own
 * Content-Security-Policy: a worker from an address of its own would be bound by none unless its server sent one.
 */
import { EnergyError } from "@comhe/core/layouts";
import { type ModelContents, openModel, sizeOf } from "@comhe/models";
import { matchLayers } from "../compare/match-layers.js";
import { weightChanges } from "../compare/weight-changes.js";
import { judgedScore } from "../layer/layer-audit.js";
import type { AuditReport } from "../model/audit-report.js";
import { formatNumber, printable } from "../text/format-number.js";
import { layerSentence } from "../verdict/layer-findings.js";
import { auditOnFastest } from "./audit-on-fastest.js";
import { fastestBackend, type Loaded } from "./backends.js";
import type { FromWorker, GivenModel, ToWorker } from "./messages.js";

const say = (message: FromWorker) => (globalThis as unknown as Worker).postMessage(message);
const given = new Map<string, GivenModel>();
const opened = new Map<string, ModelContents>();
let cancel = new AbortController();

/** What the last audit was of, and found. */
let audited:
  | { readonly models: readonly ModelContents[]; readonly report: AuditReport; readonly loaded: Loaded }
  | undefined;

globalThis.addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  answer(data).catch((error) => say({ type: "failed", problem: problemOf(error) }));
});

async function answer(message: ToWorker): Promise<void> {
  if (message.type === "cancel") cancel.abort();
  else if (message.type === "open") await open(message.models);
  else if (message.type === "audit") await audit(message);
  else await compare(message.before, message.after);
}

say({ type: "started" });

async function open(models: Extract<ToWorker, { type: "open" }>["models"]): Promise<void> {
  for (const model of models) {
    const path = "address" in model ? model.address : model.path;
    try {
      const contents =
        "address" in model
          ? await openModel(model.address)
          : await openModel(model.file, { name: path, neighbours: model.beside });
      // A report tells models apart by their paths.
      opened.set(path, { ...contents, path });
      if (!("address" in model)) given.set(path, model);
      say({ type: "opened", model: { path, ...summaryOf(contents) } });
    } catch (error) {
      say({ type: "refused", path, problem: problemOf(error) });
    }
  }
  say({ type: "ready" });
}

function summaryOf({ format, layers, skipped, notes }: ModelContents) {
  const weights = layers.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return { format, layers: layers.length, weights, skipped: skipped.length, notes };
}

async function audit({ paths, base, backend }: Extract<ToWorker, { type: "audit" }>): Promise<void> {
  cancel = new AbortController();
  const { signal } = cancel;
  const models = await Promise.all(paths.map((path) => withBase(path, base)));
  let last = 0;
  const { report, loaded } = await auditOnFastest(models, {
    asked: backend,
    signal,
    onBegin: (layers, about) => say({ type: "begin", layers, backend: about }),
    onProgress(done, layer) {
      // A screen shows no more.
      if (performance.now() - last < 50) return;
      last = performance.now();
      say({ type: "progress", done, layer });
    },
    onLayer(result, done) {
      const text =
        "problem" in result
          ? result.problem
          : `${result.count}×${result.dim}, score ${formatNumber(judgedScore(result), 2)}: ${layerSentence(result)}`;
      say({ type: "layer", name: printable(result.layer ?? result.file), text: printable(text), done });
    },
  });
  audited = { models, report, loaded };
  say({ type: "report", report });
}

async function compare(before: string, after: string): Promise<void> {
  const { models, report, loaded } = audited!;
  const layersOf = (path: string) => report.layers.filter(({ file }) => file === path);
  const modelOf = (path: string) => models.find((model) => model.path === path)!;
  const { backend } = loaded.lost?.() === undefined ? loaded : await fastestBackend(undefined, new Set([loaded.name]));
  const matching = matchLayers(layersOf(before), layersOf(after));
  const changes = await weightChanges(matching, modelOf(before), modelOf(after), { backend });
  say({ type: "changes", changes });
}

/** An adapter with the model that it changes: its matrices are then those of the changed model. */
async function withBase(path: string, base: string | undefined): Promise<ModelContents> {
  const adapter = given.get(path);
  const model = base === undefined ? undefined : given.get(base);
  if (!adapter || !model) return opened.get(path)!;
  const contents = await openModel(adapter.file, {
    name: path,
    neighbours: adapter.beside,
    base: { model: model.file, name: model.path, neighbours: model.beside },
  });
  return { ...contents, path };
}

/** Messages of errors that are meant for users; of others also what they are. */
function problemOf(error: unknown): string {
  if (EnergyError.isInstance(error)) return error.message;
  const { name = "error", message = String(error) } = error as Partial<Error>;
  return `an unexpected ${name}: ${message.split("\n")[0]}. Please report it.`;
}
