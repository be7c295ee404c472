/** The page: settings in, steps of the minimization between frames, numbers and pictures out. */
import { Minimization } from "../../../../examples/thomson-sphere/src/minimize.js";
import { Running } from "../../../../examples/thomson-sphere/src/running.js";
import { addressOf } from "../../../../examples/thomson-sphere/src/settings-form.js";
import { drawLines } from "../line-chart.js";
import { prefersStill } from "../theme.js";
import { messageOf, type Opened, openBackend } from "./backends.js";
import { SpherePicture } from "./picture.js";
import { energyOf, exponents, type PotentialKind, type Settings, settingsFromAddress, settingsOf } from "./settings.js";

/** Milliseconds between pictures for those who asked for little motion. */
const stillFor = 1000;
const mostPoints = 300;

const byId = <E extends HTMLElement>(id: string) => document.getElementById(id) as E;
const form = byId<HTMLFormElement>("settings");
const picture = new SpherePicture(byId("picture"));

interface Run {
  readonly settings: Settings;
  readonly running: Running;
}

let settings = settingsFromAddress(form, location.search);
let run: Run | undefined;
let paused = false;
let opened: (Opened & { readonly key: string }) | undefined;
/** Runs are counted, so that one that is being set up knows when another has taken its place. */
let latest = 0;
let shownAt = -Infinity;

function say(text: string, state: "starting" | "running" | "settled" | "error"): void {
  byId("status").textContent = text;
  byId("status").classList.toggle("error", state === "error");
  document.body.dataset.state = state;
}

function label(): void {
  const { name, meaning } = exponents[settings.kind];
  byId("count-value").textContent = settings.count.toLocaleString("en");
  byId("exponent-name").textContent = name;
  byId("exponent-meaning").textContent = meaning(settings.exponent);
}

/** The size at which backends are compared: once for all that are about as many. */
const keyOf = ({ backend, count }: Settings) =>
  backend === "fastest" ? `fastest ${Math.round(Math.log2(count))}` : backend;

async function start(): Promise<void> {
  const number = ++latest;
  run = undefined;
  label();
  byId("steps").textContent = "0";
  history.replaceState(null, "", addressOf(settings));
  say("Starting …", "starting");
  try {
    if (opened?.key !== keyOf(settings)) {
      const previous = opened;
      opened = undefined;
      await previous?.backend.dispose?.();
      const next = await openBackend(settings.backend, settings.count);
      if (number !== latest) return void (await next.backend.dispose?.());
      opened = { ...next, key: keyOf(settings) };
    }
    const minimization = new Minimization(opened.backend, energyOf(settings), settings.count, settings.seed);
    run = { settings, running: new Running(minimization) };
    say(`Running ${opened.words}.`, "running");
  } catch (error) {
    if (number === latest) say(messageOf(error), "error");
  }
}

/** Known minima are looked up in a table of their own file, which is loaded when there is something to compare. */
async function knownFor({ kind, exponent, space, count }: Settings): Promise<number | undefined> {
  if (kind !== "riesz" || space !== "full") return undefined;
  const { knownMinimum } = await import("../../../../examples/thomson-sphere/src/known-minima.js");
  return knownMinimum(exponent, count);
}

async function report(current: Run): Promise<void> {
  const { settings: of, running } = current;
  const { readings } = running;
  const last = readings.at(-1);
  const known = await knownFor(of);
  if (!last || run !== current) return;
  const settled = running.hasSettled;
  if (prefersStill && !settled && performance.now() - shownAt < stillFor) return;
  shownAt = performance.now();
  const pairs = (of.count * (of.count - 1)) / 2;
  const whole = of.space === "full" && of.projection === "none";
  byId("energy-name").textContent = whole ? "Energy of all pairs" : "Mean energy of a pair";
  byId("energy").textContent = whole ? (last.energy * pairs).toPrecision(9) : last.energy.toPrecision(7);
  byId("minimum").textContent = known === undefined ? "not in the table" : known.toFixed(6);
  byId("gap").textContent = known === undefined ? "–" : (last.energy * pairs - known).toExponential(2);
  byId("steps").textContent = String(last.step);
  byId("speed").textContent = `${running.milliseconds.toFixed(2)} ms`;
  picture.show(running.minimization.positions, of.space === "half");
  if (last.step % 5 === 0 || settled || prefersStill) {
    const every = Math.ceil(readings.length / mostPoints);
    const points = readings.filter((_, n) => n % every === 0 || n === readings.length - 1);
    const line = {
      name: "energy",
      color: "var(--accent)",
      points: points.map(({ step, energy }) => [step, energy] as const),
    };
    drawLines(byId("curve"), [line], { over: "step", rule: known === undefined ? undefined : known / pairs });
  }
  if (!settled) return;
  const reached = known === undefined || last.energy * pairs - known < 1e-4 * Math.abs(known);
  say(
    `Settled after ${last.step} steps ${opened?.words}${reached ? "" : "; in a local minimum: shake it"}.`,
    "settled",
  );
}

async function frame(): Promise<void> {
  const current = run;
  if (current && !paused && !current.running.hasSettled) {
    try {
      await current.running.advance(() => run === current);
      if (run === current) await report(current);
    } catch (error) {
      if (run === current) {
        run = undefined;
        say(messageOf(error), "error");
      }
    }
  }
  picture.render();
  requestAnimationFrame(frame);
}

let asked = 0;
form.addEventListener("input", (event) => {
  const of = settingsOf(form, settings.seed);
  // Another potential's number means something else.
  if ((event.target as HTMLElement).id === "kind") {
    byId<HTMLInputElement>("exponent").value = String(exponents[of.kind as PotentialKind].usual);
  }
  settings = settingsOf(form, settings.seed);
  label();
  // A slider on its way tells a hundred numbers: the one it stays at counts.
  const number = ++asked;
  setTimeout(() => number === asked && void start(), 120);
});
form.addEventListener("submit", (event) => event.preventDefault());
byId("restart").addEventListener("click", () => {
  settings = { ...settings, seed: settings.seed + 1 };
  void start();
});
byId("shake").addEventListener("click", () => {
  if (!run) return;
  run.running.shake();
  say(`Running ${opened?.words}.`, "running");
});
byId("pause").addEventListener("click", (event) => {
  paused = !paused;
  const button = event.currentTarget as HTMLButtonElement;
  button.setAttribute("aria-pressed", String(paused));
  button.textContent = paused ? "Go on" : "Pause";
});

void start();
requestAnimationFrame(frame);
