/** An audit that runs: how far it is, the layers that are done, and a way to stop it. In the end stands its report. */
import type { AuditReport } from "../model/audit-report.js";
import { counted, printable } from "../text/format-number.js";
import { element } from "./elements.js";
import type { FromWorker } from "./messages.js";
import type { Differ } from "./report-view.js";
import { endWorker, setState, show, showProblem } from "./stage.js";
import type { AuditWorker } from "./start-worker.js";

interface Running {
  readonly worker: AuditWorker;
  readonly bar: HTMLProgressElement;
  readonly now: HTMLElement;
  readonly done: HTMLElement;
  backend: string;
  layers: number;
  count: number;
}

let running: Running | undefined;

/** Waits for how two models differ. */
let waiting: ((changes: Awaited<ReturnType<Differ>>) => void) | undefined;

/** @param base the model that an adapter changes, where that is what is audited */
export function runAudit(worker: AuditWorker, paths: readonly string[], base: string | undefined): void {
  if (paths.length === 0) {
    setState("opened", "No model is chosen: tick one of the list.");
    return;
  }
  const bar = element("progress", { max: "1", value: "0", "aria-label": "Progress of the audit" });
  const now = element("p", { class: "note", id: "now" });
  const done = element("ol", { id: "done", "aria-label": "Layers that are done", tabindex: "0" });
  const stop = element("button", { type: "button", id: "cancel" }, "Cancel");
  let asked = false;
  stop.addEventListener("click", () => {
    if (asked) {
      endWorker();
      show();
      setState("idle", "Stopped, without a report.");
      return;
    }
    asked = true;
    worker.say({ type: "cancel" });
    stop.textContent = "Stop at once, without a report";
    setState("auditing", "Cancelling: the part that is being computed is finished first.");
  });
  running = { worker, bar, now, done, backend: "", layers: 0, count: 0 };
  show(element("h2", {}, "Audit"), bar, now, element("div", { class: "actions" }, stop), done);
  setState("auditing", "The audit has begun.");
  // The page's address may name what computes: `?backend=wasm`.
  const backend = new URLSearchParams(location.search).get("backend") ?? undefined;
  worker.say({ type: "audit", paths, base, backend });
  stop.focus();
}

export function hearAudit(message: FromWorker): void {
  if (message.type === "failed") showProblem(message.problem);
  else if (message.type === "report") void showReport(message.report, running);
  else if (message.type === "changes") waiting?.(message.changes);
  else if (running) advance(running, message);
}

function advance(run: Running, message: FromWorker): void {
  if (message.type === "begin") {
    run.layers = message.layers;
    run.backend = message.backend;
    run.count = 0;
    run.done.replaceChildren();
    run.now.textContent = `${counted(message.layers, "layer")}, computed by ${message.backend}.`;
  } else if (message.type === "progress") {
    run.bar.value = message.done;
    const place = Math.min(run.count + 1, run.layers);
    run.now.textContent = `Layer ${place} of ${run.layers}: ${printable(message.layer)}`;
  } else if (message.type === "layer") {
    run.bar.value = message.done;
    run.count++;
    run.done.append(element("li", {}, element("strong", {}, message.name), ` ${message.text}`));
    run.done.scrollTop = run.done.scrollHeight;
  }
}

/** @param run that it is the end of; none where a saved report was opened again */
export async function showReport(report: AuditReport, run: Running | undefined): Promise<void> {
  const { reportView } = await import("./report-view.js");
  running = undefined;
  const { worker } = run ?? {};
  const differ: Differ | undefined =
    worker &&
    ((before, after) => {
      const changes = new Promise<Awaited<ReturnType<Differ>>>((resolve) => {
        waiting = resolve;
      });
      worker.say({ type: "compare", before, after });
      return changes;
    });
  const view = reportView(report, run?.backend, differ);
  // Two models may be asked about once more; a single one needs no memory any longer.
  if (new Set(report.layers.map(({ file }) => file)).size !== 2) endWorker();
  show(view);
  setState("done", `${report.interrupted ? "Cancelled" : "Done"}: ${counted(report.layers.length, "layer")}.`);
  view.querySelector("h2")!.focus();
}
