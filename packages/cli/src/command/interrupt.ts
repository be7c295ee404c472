import { ExitCode } from "./exit-code.js";

/** A signal that aborts at Ctrl-C. A second Ctrl-C ends the process at once. */
export function abortOnInterrupt(): AbortSignal {
  const controller = new AbortController();
  process.on("SIGINT", () => {
    if (controller.signal.aborted) process.exit(ExitCode.interrupted);
    controller.abort();
  });
  return controller.signal;
}
