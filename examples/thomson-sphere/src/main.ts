/** The page: settings in, steps of the minimization between frames, numbers and pictures out. */
import { type BackendChoice, type Opened, openBackend } from "./backends.js";
import { drawCurve } from "./curve.js";
import { knownMinimum } from "./known-minima.js";
import { Minimization } from "./minimize.js";
import { Running } from "./running.js";
import { SphereScene } from "./scene.js";
import { energyOf, type Settings, settingsFromAddress, settingsOf } from "./settings.js";
import { addressOf } from "./settings-form.js";

const byId = <E extends HTMLElement>(id: string) => document.getElementById(id) as E;
const form = byId<HTMLFormElement>("settings");
const scene = new SphereScene(byId("scene"));

interface Run {
  readonly settings: Settings;
  readonly running: Running;
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
    run = { settings, running: new Running(minimization) };
    say(`Running on ${opened.words}.`);
  } catch (error) {
    if (number === latest) say(messageOf(error), true);
  }
}

function report(current: Run): void {
  const { settings: chosen, running } = current;
  const last = running.readings.at(-1);
  if (!last) return;
  const pairs = (chosen.count * (chosen.count - 1)) / 2;
  const comparable = chosen.space === "full";
  const minimum = comparable ? knownMinimum(chosen.s, chosen.count) : undefined;
  byId("energy").textContent = comparable ? (last.energy * pairs).toFixed(6) : `${last.energy.toFixed(6)} (mean)`;
  byId("minimum").textContent = minimum === undefined ? "not in the table" : minimum.toFixed(6);
  byId("gap").textContent = minimum === undefined ? "–" : (last.energy * pairs - minimum).toExponential(2);
  byId("steps").textContent = String(last.step);
  byId("speed").textContent = `${running.milliseconds.toFixed(2)} ms`;
  if (last.step % 5 === 0 || running.hasSettled) {
    drawCurve(byId("curve"), running.readings, minimum === undefined ? undefined : minimum / pairs);
  }
  scene.show(running.minimization.positions, chosen.space === "half");
  if (!running.hasSettled) return;
  document.body.dataset.state = "settled";
  const reached = minimum === undefined || last.energy * pairs - minimum < 1e-4 * Math.abs(minimum);
  byId("status").textContent = reached
    ? `Settled after ${last.step} steps on ${opened?.words}.`
    : `Settled in a local minimum after ${last.step} steps on ${opened?.words}. Shake to leave it.`;
}

async function frame(): Promise<void> {
  const current = run;
  if (current && !paused && !current.running.hasSettled) {
    try {
      await current.running.advance(() => run === current);
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
  run.running.shake();
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
