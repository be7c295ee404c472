/** The page: a form, a run at a time, two plots and a table that grow while it trains. */
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import wasm from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url";
import wasmSimd from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";
import wasmThreads from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url";
import { drawEnergy, drawError, meanOf, type Run } from "./figures.js";
import { LayerEnergies } from "./layer-energies.js";
import type { RegularizerChoice } from "./network.js";
import type { SharedDevice } from "./shared-device.js";
import { type EpochReading, type RunSettings, train } from "./train.js";

setWasmPaths({
  "tfjs-backend-wasm.wasm": wasm,
  "tfjs-backend-wasm-simd.wasm": wasmSimd,
  "tfjs-backend-wasm-threaded-simd.wasm": wasmThreads,
});

const byId = <E extends HTMLElement>(id: string) => document.getElementById(id) as E;
const form = byId<HTMLFormElement>("settings");
const trainButton = byId<HTMLButtonElement>("train");
const stopButton = byId<HTMLButtonElement>("stop");
const progress = byId<HTMLProgressElement>("progress");
const runs: (Run & { readonly readings: EpochReading[] })[] = [];
let stop: AbortController | undefined;
let energies: LayerEnergies | undefined;
/** Opened by the first run on WebGPU. */
let shared: SharedDevice | undefined;

function say(text: string, state: "ready" | "training" | "done" | "error"): void {
  byId("status").textContent = text;
  byId("status").classList.toggle("error", state === "error");
  document.body.dataset.state = state;
}

function chosen(energies: LayerEnergies): RunSettings {
  const fields = new FormData(form);
  return {
    regularizer: fields.get("regularizer") as RegularizerChoice,
    weight: Number(fields.get("weight")),
    epochs: Number(fields.get("epochs")),
    seed: Number(fields.get("seed")),
    backend: fields.get("backend") as RunSettings["backend"],
    energies,
  };
}

async function runOnce(settings: RunSettings): Promise<void> {
  const label = byId<HTMLSelectElement>("regularizer").selectedOptions[0]!.text;
  const readings: EpochReading[] = [];
  const row = byId<HTMLTableSectionElement>("runs" as never).insertRow();
  runs.push({ label, readings });
  stop = new AbortController();
  trainButton.disabled = true;
  stopButton.disabled = false;
  progress.value = 0;
  say("Starting …", "training");
  try {
    const penalty = settings.backend === "webgpu" ? await penaltyOnDevice() : undefined;
    for await (const reading of train({ ...settings, penalty }, stop.signal)) {
      readings.push(reading);
      progress.value = reading.epoch / settings.epochs;
      say(`Epoch ${reading.epoch} of ${settings.epochs} on ${settings.backend}.`, "training");
      drawEnergy(byId("energy"), runs);
      drawError(byId("error"), runs);
      fillRow(row, label, settings, readings);
    }
    const stopped = stop.signal.aborted ? "Stopped" : "Done";
    say(
      `${stopped} after ${readings.at(-1)!.epoch} epochs: ${readings.at(-1)!.testError.toFixed(1)} % test error.`,
      "done",
    );
  } catch (error) {
    say(error instanceof Error ? error.message : String(error), "error");
    if (readings.length === 0) {
      runs.pop();
      row.remove();
    }
  } finally {
    trainButton.disabled = false;
    stopButton.disabled = true;
  }
}

async function penaltyOnDevice(): Promise<RunSettings["penalty"]> {
  const device = shared ?? (await (await import("./shared-device.js")).SharedDevice.open());
  shared = device;
  return (settings) => device.penalty(settings);
}

function fillRow(row: HTMLTableRowElement, label: string, settings: RunSettings, readings: EpochReading[]): void {
  const last = readings.at(-1)!;
  const cells = [
    label,
    settings.regularizer === "none" ? "–" : String(settings.weight),
    String(settings.seed),
    String(last.epoch),
    last.testError.toFixed(1),
    meanOf(readings[0]!.energies).toFixed(4),
    meanOf(last.energies).toFixed(4),
    last.stepMilliseconds.toFixed(1),
  ];
  row.replaceChildren(...cells.map((text) => Object.assign(document.createElement("td"), { textContent: text })));
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (energies) void runOnce(chosen(energies));
});
stopButton.addEventListener("click", () => stop?.abort());
/** Weights of other objectives live on other scales. */
byId("regularizer").addEventListener("change", (event) => {
  const { value } = event.target as HTMLSelectElement;
  byId<HTMLInputElement>("weight").value = value === "orthogonality" ? "0.3" : value === "group" ? "200" : "30";
});
try {
  energies = await LayerEnergies.open(new URLSearchParams(location.search).get("backend") === "webgpu");
  byId("measured-on").textContent = `Energies are measured on ${energies.words}.`;
  say("Ready.", "ready");
} catch (error) {
  trainButton.disabled = true;
  say(error instanceof Error ? error.message : String(error), "error");
}
