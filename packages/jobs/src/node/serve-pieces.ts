/** The worker thread's side: computes what the main thread sends, so that a kernel that blocks doesn't keep it from the network. */
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import type { Backend } from "@comhe/core";
import { PieceRunner, type ServedStudy } from "../piece/piece-runner.js";
import { pieceAt } from "../plan/pieces.js";
import type { Plan } from "../plan/schema.js";
import { allowPlaces } from "../source/allow.js";
import type { FromThread, ThreadSettings, ToThread } from "./thread-messages.js";

/** What a thread's entry file brings along. */
export interface ServeOptions {
  /** Loads a backend by name, computing on one thread, since each core has a piece of its own. Without it only studies are served. */
  readonly loadBackend?: ((name: string) => Promise<Backend<unknown>>) | undefined;
  /** The studies whose runs are computed, by name. Default: none. */
  readonly studies?: Readonly<Record<string, ServedStudy>> | undefined;
}

/** Milliseconds between two words of progress. */
const reportEvery = 200;

/** Answers every piece that the main thread sends. Called at the end of a worker thread's entry file. */
export async function servePieces({ loadBackend, studies }: ServeOptions): Promise<void> {
  if (isMainThread || parentPort === null) throw new Error("servePieces() belongs in a worker thread's entry file.");
  const port = parentPort;
  const post = (message: FromThread, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);
  const { backend: name, allow, mostBytes } = workerData as ThreadSettings;
  const backend = await loadBackend?.(name);
  const runner = new PieceRunner({ backend, allow: allowPlaces(allow), studies, mostBytes });
  let plan: Plan | undefined;
  port.on("message", async (message: ToThread) => {
    if (message.kind === "plan") {
      plan = message.plan;
      return;
    }
    const begin = performance.now();
    try {
      let told = begin;
      const { value, gradient } = await runner.run(plan!, pieceAt(plan!, message.number), async (share) => {
        if (performance.now() - told < reportEvery) return;
        told = performance.now();
        post({ kind: "progress", share });
      });
      const milliseconds = performance.now() - begin;
      post({ kind: "done", value, gradient, milliseconds }, gradient ? [gradient.buffer as ArrayBuffer] : []);
    } catch (error) {
      const { code, message: text } = error as { code?: string; message?: string };
      post({ kind: "failed", message: text ?? String(error), code: code ?? "unexpected" });
    }
  });
  post({ kind: "ready", backend: backend ? fullName(backend) : "none" });
}

/** With its instruction set, where it tells: bits are promised for equal ones. */
function fullName(backend: Backend<unknown>): string {
  const { isa, build } = backend as { isa?: unknown; build?: unknown };
  const detail = typeof isa === "string" ? isa : typeof build === "string" ? build : undefined;
  return detail === undefined || backend.name.includes(detail) ? backend.name : `${backend.name} ${detail}`;
}
