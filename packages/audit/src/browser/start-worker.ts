/** Starts the worker under the page's own policy, and hands on what it says. */
import type { FromWorker, ToWorker } from "./messages.js";

export interface AuditWorker {
  say(message: ToWorker): void;
  /** At once, whatever it is doing. */
  end(): void;
}

export function startWorker(hear: (message: FromWorker) => void): AuditWorker {
  const address = new URL("./worker.js", import.meta.url).href;
  // A blob's policy is that of the page which made it. The import is of the page's own origin, which the policy allows.
  // Static imports of a worker would be held to `worker-src`, by which it could be started without this policy, too.
  const start = `import(${JSON.stringify(address)}).catch((error) => postMessage({ type: "failed", problem: "The audit's worker couldn't be loaded: " + error.message }));`;
  const blob = new Blob([start], { type: "text/javascript" });
  const url = URL.createObjectURL(blob);
  const worker = new Worker(url, { type: "module" });
  // What is said before its modules are there would be lost.
  let waiting: ToWorker[] | undefined = [];
  worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
    if (data.type !== "started") {
      hear(data);
      return;
    }
    for (const message of waiting ?? []) worker.postMessage(message);
    waiting = undefined;
  });
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    hear({ type: "failed", problem: `The audit's worker ended: ${event.message || "it couldn't be started"}.` });
  });
  return {
    say(message) {
      if (waiting) waiting.push(message);
      else worker.postMessage(message);
    },
    end() {
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
}
