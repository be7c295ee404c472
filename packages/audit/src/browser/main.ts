/**
 * The page that audits models in the browser. What was chosen becomes a list of models, which the worker opens; what it can open is audited, with progress and a way
 * to stop; in the end stands the report. `url.html` is the same page for a model on a server.
 */
import { modelsAmong } from "@comhe/models";
import { counted, formatCount, printable } from "../text/format-number.js";
import { allowServers, serversOf } from "./address-policy.js";
import { byId, element } from "./elements.js";
import { chosenFiles, droppedFiles, type GatheredFile } from "./gather-files.js";
import type { FromWorker, GivenModel, OpenedModel } from "./messages.js";
import { type AuditWorker, startWorker } from "./start-worker.js";

const main = document.querySelector("main")!;
const stage = element("section", { id: "stage", "aria-live": "off" });
const status = element("p", { role: "status", id: "status" });
let worker: AuditWorker | undefined;

function begin(): void {
  byId("unstarted").remove();
  byId("choose").hidden = false;
  main.append(status, stage);
  if (document.body.hasAttribute("data-address")) beginWithAddress();
  else beginWithFiles();
  document.body.dataset.state = "idle";
}

function beginWithFiles(): void {
  for (const kind of ["files", "folder"]) {
    const input = byId<HTMLInputElement>(`${kind}-input`);
    byId(kind).addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      const files = chosenFiles(input.files!);
      // The same files can be chosen again, once they have changed.
      input.value = "";
      if (files.length > 0) void take(files);
    });
  }
  const dragging = (is: boolean) => document.body.classList.toggle("dragging", is);
  addEventListener("dragover", (event) => {
    event.preventDefault();
    dragging(true);
  });
  addEventListener("dragleave", (event) => event.relatedTarget === null && dragging(false));
  addEventListener("drop", (event) => {
    event.preventDefault();
    dragging(false);
    if (event.dataTransfer) droppedFiles(event.dataTransfer).then(take, (error: Error) => problem(error.message));
  });
}

/** Every address begins on a page of its own: a policy can be made narrower, not wider. */
function beginWithAddress(): void {
  const asked = new URLSearchParams(location.search);
  const address = asked.get("model")?.trim();
  if (!address) return;
  byId<HTMLInputElement>("model").value = address;
  byId<HTMLInputElement>("also").value = asked.get("also") ?? "";
  try {
    allowServers(serversOf(address, asked.get("also") ?? ""));
  } catch (error) {
    problem((error as Error).message);
    return;
  }
  openModels([{ address }], []);
}

async function take(files: readonly GatheredFile[]): Promise<void> {
  const { looksLikeReport, readReport } = await import("./saved-report.js");
  const [only] = files;
  if (files.length === 1 && (await looksLikeReport(only!.file))) {
    try {
      await showReport(await readReport(only!.file), undefined);
    } catch (error) {
      problem((error as Error).message);
    }
    return;
  }
  const found = modelsAmong(files.map(({ path }) => path));
  const byPath = new Map(files.map((each) => [each.path, each.file]));
  const used = new Set<string>();
  const models = found.map(({ path, folder, likely }) => {
    let name = path;
    for (let n = 2; used.has(name); n++) name = `${path} (${n})`;
    used.add(name);
    const beside = files
      .filter((each) => each.path.startsWith(folder) && each.path !== path)
      .map((each) => new File([each.file], each.path.slice(folder.length), { lastModified: each.file.lastModified }));
    return { path: name, file: byPath.get(path)!, beside, likely };
  });
  const others = files.filter(({ path }) => !found.some((model) => model.path === path)).map(({ path }) => path);
  openModels(models, others);
}

type Opening = (GivenModel & { readonly likely: boolean }) | { readonly address: string };

/** Shows what was chosen, opened one by one, and begins at once where there is but one that is meant. */
function openModels(models: readonly Opening[], others: readonly string[]): void {
  worker?.end();
  const opened: OpenedModel[] = [];
  const list = element("ul", { class: "models", "aria-label": "Models" });
  const actions = element("div", { class: "actions" });
  stage.replaceChildren(
    element("h2", {}, "Models"),
    list,
    ...(others.length > 0
      ? [element("p", { class: "note" }, `Beside them: ${printable(some(others))}. They are read where a model asks for them.`)]
      : []),
    actions,
  );
  state("opening", `Reading ${counted(models.length, "file")}…`);
  const likely = new Map(models.map((model) => ("address" in model ? [model.address, true] : [model.path, model.likely])));
  const chosen = () =>
    opened.map(({ path }) => path).filter((path) => list.querySelector<HTMLInputElement>(`[data-path="${CSS.escape(path)}"]`)!.checked);
  const audit = (paths: readonly string[], base?: string) => runAudit(paths, base);
  worker = startWorker((message) => {
    if (message.type === "opened") {
      const { path, format, layers, weights, skipped, notes } = message.model;
      opened.push(message.model);
      const id = `model-${opened.length}`;
      const box = element("input", { type: "checkbox", id, "data-path": path });
      box.checked = likely.get(path) === true && layers > 0;
      const left = skipped > 0 ? `, ${counted(skipped, "tensor")} without neurons` : "";
      list.append(
        element(
          "li",
          {},
          box,
          element("label", { for: id }, ` ${printable(path)}`),
          element("small", {}, `${format}: ${counted(layers, "layer")} of neurons, ${formatCount(weights)} weights${left}`),
          ...notes.map((note) => element("small", {}, printable(note))),
        ),
      );
    } else if (message.type === "refused") {
      list.append(
        element("li", {}, printable(message.path), element("small", { class: "refused" }, printable(message.problem))),
      );
    } else if (message.type === "ready") {
      const worth = opened.filter(({ layers }) => layers > 0);
      if (worth.length === 0) {
        state("idle", opened.length > 0 ? "There is nothing to audit in it." : "None of these files can be read. What each needs is said beside it.");
        return;
      }
      const adapter = worth.find(({ path }) => models.some((model) => "file" in model && model.path === path && model.beside.some(({ name }) => name === "adapter_config.json")));
      const base = worth.length === 2 && adapter ? worth.find((model) => model !== adapter) : undefined;
      actions.append(
        element("button", { type: "button", click: () => audit(chosen()) }, "Audit"),
        ...(base && adapter ? [element("button", { type: "button", click: () => audit([adapter.path], base.path) }, "Audit the adapted model, W + ΔW")] : []),
      );
      if (opened.length === 1 && list.children.length === 1) audit([opened[0]!.path]);
      else state("opened", `${counted(opened.length, "model")} opened.`);
    } else hear(message);
  });
  worker.say({ type: "open", models: models.map((model) => ("address" in model ? model : { path: model.path, file: model.file, beside: model.beside })) });
}

/** What is shown while an audit runs. */
let running: { readonly bar: HTMLProgressElement; readonly now: HTMLElement; readonly done: HTMLElement; about: string; layers: number; count: number } | undefined;

function runAudit(paths: readonly string[], base: string | undefined): void {
  if (paths.length === 0) {
    status.textContent = "No model is chosen: tick one of the list.";
    return;
  }
  const bar = element("progress", { max: "1", value: "0", "aria-label": "Progress of the audit" });
  const now = element("p", { class: "note", id: "now" });
  const done = element("ol", { id: "done", "aria-label": "Layers that are done", tabindex: "0" });
  const stop = element("button", { type: "button", id: "cancel" }, "Cancel");
  stop.addEventListener("click", () => {
    if (stop.dataset.asked !== undefined) {
      worker?.end();
      running = undefined;
      stage.replaceChildren();
      state("idle", "Stopped, without a report.");
      return;
    }
    worker?.say({ type: "cancel" });
    stop.dataset.asked = "";
    stop.textContent = "Stop at once, without a report";
    status.textContent = "Cancelling: the part that is being computed is finished first.";
  });
  running = { bar, now, done, about: "", layers: 0, count: 0 };
  stage.replaceChildren(element("h2", {}, "Audit"), bar, now, element("div", { class: "actions" }, stop), done);
  state("auditing", "The audit has begun.");
  worker!.say({ type: "audit", paths, base });
  stop.focus();
}

function hear(message: FromWorker): void {
  if (message.type === "failed") {
    problem(message.problem);
    return;
  }
  if (message.type === "report") {
    void showReport(message.report, running?.about);
    return;
  }
  if (!running) return;
  if (message.type === "begin") {
    running.layers = message.layers;
    running.about = message.backend;
    running.now.textContent = `${counted(message.layers, "layer")}, computed by ${message.backend}.`;
  } else if (message.type === "progress") {
    running.bar.value = message.done;
    running.now.textContent = `Layer ${Math.min(running.count + 1, running.layers)} of ${running.layers}: ${printable(message.layer)}`;
  } else if (message.type === "layer") {
    running.bar.value = message.done;
    running.count++;
    const { done } = running;
    done.append(element("li", {}, element("strong", {}, message.name), ` ${message.text}`));
    done.scrollTop = done.scrollHeight;
  }
}

async function showReport(report: Parameters<typeof import("./report-view.js").reportView>[0], about: string | undefined): Promise<void> {
  const { reportView } = await import("./report-view.js");
  worker?.end();
  worker = undefined;
  running = undefined;
  const view = reportView(report, about);
  stage.replaceChildren(view);
  state("done", `${report.interrupted ? "Cancelled" : "Done"}: ${counted(report.layers.length, "layer")}.`);
  view.querySelector("h2")!.focus();
}

function problem(text: string): void {
  worker?.end();
  worker = undefined;
  running = undefined;
  stage.replaceChildren(element("p", { class: "problem", role: "alert" }, printable(text)));
  state("idle", "");
}

function state(name: string, text: string): void {
  document.body.dataset.state = name;
  status.textContent = text;
}

const some = (names: readonly string[]) => `${names.slice(0, 6).join(", ")}${names.length > 6 ? ` and ${names.length - 6} more` : ""}`;

begin();
