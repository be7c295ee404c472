/** The page: settings in, steps of the minimization between frames, numbers and pictures out. */
import { type BackendChoice, type Opened, openBackend } from "./backends.js";
import { drawCurve } from "./curve.js";
import { knownMinimum } from "./known-minima.js";
import { Minimization, type Reading } from "./minimize.js";
import { SphereScene } from "./scene.js";
import { addressOf, energyOf, type Settings, settingsFromAddress, settingsOf } from "./settings.js";

/** Milliseconds of steps between two frames. */
const budget = 12;
/** Electrons that move less than this, in radians, for so many steps in a row have settled. */
const settledMove = 2e-6;
const settledSteps = 20;
/** In float32 they may tremble for ever: settled as well is what hasn't come lower, relatively, in so many steps. */
const leastGain = 1e-7;
const patience = 150;

const byId = <E extends HTMLElement>(id: string) => document.getElementById(id) as E;
const form = byId<HTMLFormElement>("settings");
const scene = new SphereScene(byId("scene"));

interface Run {
  readonly settings: Settings;
  readonly minimization: Minimization;
  readonly readings: Reading[];
  quietSteps: number;
  lowest: number;
  stepsSinceLower: number;
  milliseconds: number;
}

let settings = settingsFromAddress(form, location.search);
let run: Run | undefined;
let paused = false;
let opened: (Opened & { readonly choice: BackendChoice }) | undefined;
/** Runs are counted, so that one that is being set up knows when another has taken its place. */
let latest = 0;

function say(text: string, isError = false): void {
  const status = byId("status");
  status.textContent = text;
  status.classList.toggle("error", isError);
  document.body.dataset.state = isError ? "error" : run === undefined ? "starting" : "running";
}

async function start(): Promise<void> {
  const number = ++latest;
  run = undefined;
  byId("count-value").textContent = String(settings.count);
  byId("steps").textContent = "0";
  history.replaceState(null, "", addressOf(settings));
  say("Starting …");
  try {
    if (opened?.choice !== settings.backend) {
      const previous = opened;
      opened = undefined;
      await previous?.backend.dispose?.();
      const next = { choice: settings.backend, ...(await openBackend(settings.backend)) };
      if (number !== latest) return void (await next.backend.dispose?.());
      opened = next;
    }
    const minimization = new Minimization(opened.backend, energyOf(settings), settings.count, settings.seed);
    run = {
      settings,
      minimization,
      readings: [],
      quietSteps: 0,
      lowest: Infinity,
      stepsSinceLower: 0,
      milliseconds: 0,
    };
    say(`Running on ${opened.words}.`);
  } catch (error) {
    if (number === latest) say(messageOf(error), true);
  }
}

function hasSettled({ quietSteps, stepsSinceLower }: Run): boolean {
  return quietSteps >= settledSteps || stepsSinceLower >= patience;
}

async function advance(current: Run): Promise<void> {
  const begun = performance.now();
  let steps = 0;
  do {
    const reading = await current.minimization.advance();
    if (run !== current) return;
    current.readings.push(reading);
    current.quietSteps = reading.move < settledMove ? current.quietSteps + 1 : 0;
    const lower = reading.energy < current.lowest - leastGain * Math.abs(current.lowest);
    if (lower || current.lowest === Infinity) current.lowest = reading.energy;
    current.stepsSinceLower = lower ? 0 : current.stepsSinceLower + 1;
    steps++;
  } while (performance.now() - begun < budget && !hasSettled(current));
  const each = (performance.now() - begun) / steps;
  current.milliseconds = current.milliseconds === 0 ? each : 0.9 * current.milliseconds + 0.1 * each;
}

function report(current: Run): void {
  const { settings: chosen, readings, minimization } = current;
  const last = readings.at(-1);
  if (!last) return;
  const pairs = (chosen.count * (chosen.count - 1)) / 2;
  const comparable = chosen.space === "full";
  const minimum = comparable ? knownMinimum(chosen.s, chosen.count) : undefined;
  byId("energy").textContent = comparable ? (last.energy * pairs).toFixed(6) : `${last.energy.toFixed(6)} (mean)`;
  byId("minimum").textContent = minimum === undefined ? "not in the table" : minimum.toFixed(6);
  byId("gap").textContent = minimum === undefined ? "–" : (last.energy * pairs - minimum).toExponential(2);
  byId("steps").textContent = String(last.step);
  byId("speed").textContent = `${current.milliseconds.toFixed(2)} ms`;
  if (last.step % 5 === 0 || hasSettled(current)) {
    drawCurve(byId("curve"), readings, minimum === undefined ? undefined : minimum / pairs);
  }
  scene.show(minimization.positions, chosen.space === "half");
  if (!hasSettled(current)) return;
  document.body.dataset.state = "settled";
  const reached = minimum === undefined || last.energy * pairs - minimum < 1e-4 * Math.abs(minimum);
  byId("status").textContent = reached
    ? `Settled after ${last.step} steps on ${opened?.words}.`
    : `Settled in a local minimum (shake it) after ${last.step} steps on ${opened?.words}.`;
}

async function frame(): Promise<void> {
  const current = run;
  if (current && !paused && !hasSettled(current)) {
    try {
      await advance(current);
      if (run === current) report(current);
    } catch (error) {
      if (run === current) {
        run = undefined;
        say(messageOf(error), true);
      }
    }
  }
  scene.render();
  requestAnimationFrame(frame);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

form.addEventListener("input", () => {
  settings = settingsOf(form, settings.seed);
  void start();
});
form.addEventListener("submit", (event) => event.preventDefault());
byId("restart").addEventListener("click", () => {
  settings = settingsOf(form, settings.seed + 1);
  void start();
});
byId("shake").addEventListener("click", () => {
  if (!run) return;
  run.minimization.shake();
  run.quietSteps = 0;
  run.stepsSinceLower = 0;
  run.lowest = Infinity;
  say(`Running on ${opened?.words}.`);
});
byId("pause").addEventListener("click", (event) => {
  paused = !paused;
  const button = event.currentTarget as HTMLButtonElement;
  button.setAttribute("aria-pressed", String(paused));
  button.textContent = paused ? "Go on" : "Pause";
});

await start();
requestAnimationFrame(frame);
