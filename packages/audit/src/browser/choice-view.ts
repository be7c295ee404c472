/** What was chosen, opened one by one: what each model holds, why others can't be read, and what there is to do with them. One that is alone is audited at once. */
import { counted, formatCount, printable } from "../text/format-number.js";
import { element } from "./elements.js";
import type { FromWorker, GivenModel, OpenedModel } from "./messages.js";
import { hearAudit, runAudit } from "./run-view.js";
import { newWorker, setState, show } from "./stage.js";

/** A model to open, and whether its name says that it is one. */
export type Candidate = (GivenModel & { readonly likely: boolean }) | { readonly address: string };

const isLikely = (model: Candidate) => "address" in model || model.likely;
const pathOf = (model: Candidate) => ("address" in model ? model.address : model.path);

/** @param beside paths of files that are no models by their names */
export function openModels(models: readonly Candidate[], beside: readonly string[]): void {
  const likely = new Map(models.map((model) => [pathOf(model), isLikely(model)]));
  const opened: { readonly model: OpenedModel; readonly box: HTMLInputElement }[] = [];
  const aside = [...beside];
  let refused = 0;
  const list = element("ul", { class: "models", "aria-label": "Models" });
  const actions = element("div", { class: "actions" });
  show(element("h2", {}, "Models"), list, actions);
  setState("opening", `Reading ${counted(models.length, "file")}…`);

  function hear(message: FromWorker): void {
    if (message.type === "opened") {
      const { path, layers } = message.model;
      const box = element("input", { type: "checkbox", id: `model-${opened.length}` });
      box.checked = likely.get(path) === true && layers > 0;
      opened.push({ model: message.model, box });
      list.append(
        element("li", {}, box, element("label", { for: box.id }, ` ${printable(path)}`), ...about(message.model)),
      );
    } else if (message.type === "refused") {
      // What was tried on a guess needn't be a model.
      if (likely.get(message.path) === false) {
        aside.push(message.path);
        return;
      }
      refused++;
      const why = element("small", { class: "refused" }, printable(message.problem));
      list.append(element("li", {}, printable(message.path), why));
    } else if (message.type === "ready") offer();
    else hearAudit(message);
  }

  function offer(): void {
    if (aside.length > 0) {
      list.after(
        element(
          "p",
          { class: "note" },
          `Beside them: ${printable(some(aside))}. They are read where a model asks for them.`,
        ),
      );
    }
    const worth = opened.map(({ model }) => model).filter(({ layers }) => layers > 0);
    if (worth.length === 0) {
      const none =
        opened.length > 0
          ? "There is nothing to audit in it."
          : "None of these files can be read. What each needs is said beside it.";
      setState("idle", none);
      return;
    }
    const start = () =>
      runAudit(
        worker,
        opened.flatMap(({ model, box }) => (box.checked ? [model.path] : [])),
        undefined,
      );
    if (opened.length === 1 && refused === 0) {
      start();
      return;
    }
    actions.append(element("button", { type: "button", click: start }, "Audit"));
    const adapter = worth.find(({ path }) => /(^|\/)adapter_model\.(safetensors|bin)$/.test(path));
    const [base, ...more] = worth.filter((model) => model !== adapter);
    if (adapter && base && more.length === 0) {
      const changed = () => runAudit(worker, [adapter.path], base.path);
      actions.append(element("button", { type: "button", click: changed }, "Audit the adapted model, W + ΔW"));
    }
    setState(
      "opened",
      `${counted(opened.length, "model")} opened.${worth.length === 2 ? " Once both are audited, they can be compared." : ""}`,
    );
  }

  const worker = newWorker(hear);
  worker.say({
    type: "open",
    models: models.map((model) =>
      "address" in model ? model : { path: model.path, file: model.file, beside: model.beside },
    ),
  });
}

function about({ format, layers, weights, skipped, notes }: OpenedModel): HTMLElement[] {
  const left = skipped > 0 ? `, ${counted(skipped, "tensor")} without neurons` : "";
  const holds = `${format}: ${counted(layers, "layer")} of neurons, ${formatCount(weights)} weights${left}`;
  return [holds, ...notes].map((text) => element("small", {}, printable(text)));
}

const some = (names: readonly string[]) =>
  `${names.slice(0, 6).join(", ")}${names.length > 6 ? ` and ${names.length - 6} more` : ""}`;
