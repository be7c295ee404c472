/**
 * The page that audits models in the browser. What was chosen becomes a list of models, which a worker opens and audits, with progress and a way to stop; in the end
 * stands the report. `url.html` is the same page for a model on a server.
 */
import { allowServers, serversOf } from "./address-policy.js";
import { openModels } from "./choice-view.js";
import { byId } from "./elements.js";
import { chosenFiles, droppedFiles, type GatheredFile } from "./gather-files.js";
import { addStage, showProblem } from "./stage.js";
import { takeFiles } from "./take-files.js";

function beginWithFiles(): void {
  const take = (files: readonly GatheredFile[]) => void takeFiles(files);
  for (const kind of ["files", "folder"]) {
    const input = byId<HTMLInputElement>(`${kind}-input`);
    byId(kind).addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      const files = chosenFiles(input.files!);
      // The same files can be chosen again, once they have changed.
      input.value = "";
      take(files);
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
    if (event.dataTransfer) droppedFiles(event.dataTransfer).then(take, (error: Error) => showProblem(error.message));
  });
}

/** Every address begins on a page of its own: a policy can be made narrower, not wider. */
function beginWithAddress(): void {
  const asked = new URLSearchParams(location.search);
  const address = asked.get("model")?.trim();
  const also = asked.get("also") ?? "";
  if (!address) return;
  byId<HTMLInputElement>("model").value = address;
  byId<HTMLInputElement>("also").value = also;
  try {
    allowServers(serversOf(address, also));
    openModels([{ address }], []);
  } catch (error) {
    showProblem((error as Error).message);
  }
}

byId("unstarted").remove();
byId("choose").hidden = false;
addStage(document.querySelector("main")!);
if (document.body.hasAttribute("data-address")) beginWithAddress();
else beginWithFiles();
