/** The part of the page that changes: a line that says what goes on, and below it a choice, an audit that runs, or a report. One worker at a time. */
import { printable } from "../text/format-number.js";
import { element } from "./elements.js";
import type { FromWorker } from "./messages.js";
import { type AuditWorker, startWorker } from "./start-worker.js";

/** What the page is at, as tests and styles see it. */
export type State = "idle" | "opening" | "opened" | "auditing" | "done";

const place = element("section", { id: "stage" });
const status = element("p", { role: "status", id: "status" });
let worker: AuditWorker | undefined;

export function addStage(main: HTMLElement): void {
  main.append(status, place);
  setState("idle", "");
}

/** @param text for eyes and screen readers alike */
export function setState(state: State, text: string): void {
  document.body.dataset.state = state;
  status.textContent = text;
}

export const show = (...content: readonly Node[]): void => place.replaceChildren(...content);

/** In place of the one before, whatever it was doing. */
export function newWorker(hear: (message: FromWorker) => void): AuditWorker {
  endWorker();
  worker = startWorker(hear);
  return worker;
}

export function endWorker(): void {
  worker?.end();
  worker = undefined;
}

/** What went wrong, in place of what was there. */
export function showProblem(text: string): void {
  endWorker();
  show(element("p", { class: "problem", role: "alert" }, printable(text)));
  setState("idle", "");
}
