/** The page: where to, who as, and what came of it. */
import type { FromThread, ToThread } from "./messages.js";

const element = <E extends HTMLElement>(id: string) => document.getElementById(id) as E;
const textOf = (id: string) => element<HTMLInputElement>(id).value.trim();
const tell = (text: string) => {
  element("status").textContent = text;
};
const setState = (state: "ready" | "working" | "error") => {
  document.body.dataset.state = state;
  element<HTMLButtonElement>("start").disabled = state === "working";
  element<HTMLButtonElement>("stop").disabled = state !== "working";
};

/** Lines of the log that are kept. */
const mostLines = 200;
let thread: Worker | undefined;
let counts = { taken: 0, refused: 0 };

function log(line: string): void {
  const item = document.createElement("li");
  item.textContent = line;
  const list = element("log");
  list.prepend(item);
  while (list.childElementCount > mostLines) list.lastElementChild!.remove();
}

function hear(message: FromThread): void {
  if (message.kind === "backend") element("backend").textContent = message.words;
  else if (message.kind === "connected") tell("Connected. Pieces are computed as they come.");
  else if (message.kind === "log") log(message.line);
  else if (message.kind === "piece") showPiece(message);
  else {
    end(message.kind === "failed" ? "error" : "ready");
    tell(message.kind === "failed" ? message.message : `Stopped. ${message.taken} results were accepted.`);
  }
}

function showPiece({ plan, number, share, milliseconds, answer }: FromThread & { kind: "piece" }): void {
  element<HTMLProgressElement>("piece").value = share;
  element("piece-name").textContent = `${number} of plan ${plan.slice(0, 8)}`;
  if (answer === undefined) return;
  counts = answer === "taken" ? { ...counts, taken: counts.taken + 1 } : { ...counts, refused: counts.refused + 1 };
  element("taken").textContent = `${counts.taken}`;
  element("refused").textContent = `${counts.refused}`;
  log(`piece ${number} in ${(milliseconds / 1000).toFixed(1)} s: ${answer === "taken" ? "accepted" : answer}`);
}

function end(state: "ready" | "error"): void {
  thread?.terminate();
  thread = undefined;
  setState(state);
}

const send = (message: ToThread) => thread?.postMessage(message);

element<HTMLFormElement>("settings").addEventListener("submit", (event) => {
  event.preventDefault();
  counts = { taken: 0, refused: 0 };
  thread = new Worker(new URL("./piece-worker.ts", import.meta.url), { type: "module" });
  thread.addEventListener("message", ({ data }: MessageEvent<FromThread>) => hear(data));
  thread.addEventListener("error", (error) => {
    end("error");
    tell(`The thread that computes failed: ${error.message}`);
  });
  setState("working");
  tell("Connecting …");
  send({
    ...{ kind: "start", server: textOf("server"), user: textOf("user"), name: textOf("name") },
    password: element<HTMLInputElement>("password").value,
    forceGpu: new URLSearchParams(location.search).get("backend") === "webgpu",
  });
});
element("stop").addEventListener("click", () => {
  tell("Stopping …");
  send({ kind: "stop" });
});

// A name of its own: results of one page are judged by themselves.
element<HTMLInputElement>("name").value = `page-${crypto.getRandomValues(new Uint32Array(1))[0]!.toString(36)}`;
const server = new URLSearchParams(location.search).get("server");
if (server !== null) element<HTMLInputElement>("server").value = server;
setState("ready");
tell("Ready.");
