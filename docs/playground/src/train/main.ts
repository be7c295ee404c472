/** The page: two configs, two workers, two charts that grow while both train. */

import { checkConfig } from "../editor/check-config.js";
import { type ConfigField, createField } from "../editor/config-field.js";
import { drawLines, type Line } from "../line-chart.js";
import { prefersStill } from "../theme.js";
import { type Comparison, expanded, fromHash, type Side, toHash } from "./address.js";
import { presets } from "./presets.js";
import type { Asked, Told } from "./worker.js";

type Name = "a" | "b";
const names: readonly Name[] = ["a", "b"];
const colors: Readonly<Record<Name, string>> = { a: "var(--accent)", b: "var(--second)" };

/** (N − ¾)/(2N − 1) for 48 neurons: N orthogonal lines, the least half-space energy there is at s = 2. */
const floor = 47.25 / 95;

const engines: Readonly<Record<string, string>> = {
  wasm: "WebAssembly, the fastest for a network this small: a GPU would wait for its own commands most of the time",
  cpu: "plain JavaScript: this browser has no WebAssembly",
};

const byId = <E extends HTMLElement>(id: string) => document.getElementById(id) as E;
const input = (id: string) => byId<HTMLInputElement>(id);

interface Row {
  readonly epoch: number;
  readonly energy: number;
  readonly testError: number;
  readonly stepMilliseconds: number;
}

const sideOf = ({ weight, config }: (typeof presets)[number]): Side => ({
  weight,
  config: expanded(JSON.stringify(config)),
});
const usual: Comparison = { a: sideOf(presets[0]!), b: sideOf(presets[1]!), seed: 1, epochs: 30 };
const first = fromHash(location.hash, usual);

const rows: Record<Name, Row[]> = { a: [], b: [] };
const workers: Partial<Record<Name, Worker>> = {};
const fields = Object.fromEntries(
  names.map((name) => [
    name,
    createField(byId(`editor-${name}`), `Config ${name.toUpperCase()}, JSON`, first[name].config, changed),
  ]),
) as Record<Name, ConfigField>;

function say(text: string, state: "ready" | "training" | "done" | "error"): void {
  byId("status").textContent = text;
  byId("status").classList.toggle("error", state === "error");
  document.body.dataset.state = state;
}

function comparison(): Comparison {
  const side = (name: Name): Side => ({ weight: Number(input(`weight-${name}`).value), config: fields[name].text });
  return { a: side("a"), b: side("b"), seed: Number(input("seed").value), epochs: Number(input("epochs").value) };
}

/** Says what is wrong with each config, and keeps the address in step. */
function changed(): void {
  for (const name of names) {
    const { problems } = checkConfig(fields[name]?.text ?? first[name].config);
    byId(`problem-${name}`).textContent = problems.map(({ message }) => message).join("\n");
  }
  if (fields?.a && fields.b) history.replaceState(null, "", toHash(comparison()));
}

function draw(): void {
  byId("results").hidden = rows.a.length + rows.b.length === 0;
  const lines = (of: (row: Row) => number): Line[] =>
    names.map((name) => ({
      name: name.toUpperCase(),
      color: colors[name],
      points: rows[name].map((row) => [row.epoch, of(row)] as const),
    }));
  drawLines(
    byId("energies"),
    lines(({ energy }) => energy),
    { over: "epoch", rule: floor },
  );
  drawLines(
    byId("errors"),
    lines(({ testError }) => testError),
    { over: "epoch", range: [0, 100] },
  );
  for (const name of names) {
    const [begin, now] = [rows[name][0], rows[name].at(-1)];
    if (!begin || !now) continue;
    const cells = [
      now.epoch,
      begin.energy.toFixed(4),
      now.energy.toFixed(4),
      now.testError.toFixed(1),
      now.stepMilliseconds.toFixed(1),
    ];
    byId(`row-${name}`).replaceChildren(
      Object.assign(document.createElement("th"), { scope: "row", textContent: name.toUpperCase() }),
      ...cells.map((cell) => Object.assign(document.createElement("td"), { textContent: String(cell) })),
    );
  }
}

/** One side, to its end. */
function run(name: Name, asked: Asked): Promise<void> {
  rows[name] = [];
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  workers[name] = worker;
  return new Promise((resolve, reject) => {
    worker.addEventListener("error", ({ message }) => reject(new Error(message || "The worker couldn't be loaded.")));
    worker.addEventListener("message", ({ data }: MessageEvent<Told>) => {
      if (data.kind === "engine") say(`Training both on ${engines[data.engine]}.`, "training");
      if (data.kind === "error") reject(new Error(`${name.toUpperCase()}: ${data.message}`));
      if (data.kind === "done") resolve();
      if (data.kind !== "reading") return;
      const { epoch, energies, testError, stepMilliseconds } = data.reading;
      const energy = energies.reduce((sum, each) => sum + each, 0) / energies.length;
      rows[name].push({ epoch, energy, testError, stepMilliseconds });
      if (!prefersStill || epoch === asked.epochs) draw();
    });
    worker.postMessage(asked);
  });
}

function end(): void {
  for (const name of names) workers[name]?.terminate();
  byId<HTMLButtonElement>("start").disabled = false;
  byId<HTMLButtonElement>("stop").disabled = true;
}

async function trainBoth(): Promise<void> {
  const { a, b, seed, epochs } = comparison();
  const checked = { a: checkConfig(a.config), b: checkConfig(b.config) };
  for (const name of names) {
    if (checked[name].config === undefined) {
      say(`Config ${name.toUpperCase()} has a mistake: mend it first.`, "error");
      return;
    }
  }
  byId<HTMLButtonElement>("start").disabled = true;
  byId<HTMLButtonElement>("stop").disabled = false;
  say("Loading TensorFlow.js and the digits …", "training");
  try {
    const weights = { a: a.weight, b: b.weight };
    await Promise.all(
      names.map((name) => run(name, { config: checked[name].config!, weight: weights[name], seed, epochs })),
    );
    const [ofA, ofB] = names.map((name) => rows[name].at(-1)!);
    say(
      `Done: after ${epochs} epochs A errs on ${ofA!.testError.toFixed(1)} %, B on ${ofB!.testError.toFixed(1)} %.`,
      "done",
    );
  } catch (error) {
    say(error instanceof Error ? error.message : String(error), "error");
  } finally {
    draw();
    end();
  }
}

for (const name of names) {
  const select = byId<HTMLSelectElement>(`preset-${name}`);
  select.append(
    new Option("a config of your own", ""),
    ...presets.map((preset) => new Option(preset.name, preset.name)),
  );
  select.value =
    presets.find((preset) => sideOf(preset).config === first[name].config && preset.weight === first[name].weight)
      ?.name ?? "";
  input(`weight-${name}`).value = String(first[name].weight);
  select.addEventListener("change", () => {
    const preset = presets.find((each) => each.name === select.value);
    if (!preset) return;
    input(`weight-${name}`).value = String(preset.weight);
    fields[name].setText(sideOf(preset).config);
  });
}
input("seed").value = String(first.seed);
input("epochs").value = String(first.epochs);

const form = byId<HTMLFormElement>("settings");
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void trainBoth();
});
form.addEventListener("change", changed);
byId("stop").addEventListener("click", () => {
  end();
  say("Stopped.", "done");
});
byId("copy").addEventListener("click", async () => {
  changed();
  try {
    await navigator.clipboard.writeText(location.href);
    say("The link is copied: it holds both configs, their weights, the seed and the epochs.", "ready");
  } catch {
    say("This browser doesn't let a page copy: the link is the page's address.", "ready");
  }
});

changed();
draw();
say("Ready.", "ready");
