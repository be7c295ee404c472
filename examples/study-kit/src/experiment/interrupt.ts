/** The exit code shells give a process that Ctrl-C ended: 128 + SIGINT. */
export const INTERRUPTED_EXIT_CODE = 130;

/**
 * A signal that aborts at Ctrl-C. A second Ctrl-C ends the process at once, as anyone pressing it twice expects.
 */
export function abortOnInterrupt(): AbortSignal {
  const controller = new AbortController();
  process.on("SIGINT", () => {
    if (controller.signal.aborted) process.exit(INTERRUPTED_EXIT_CODE);
    controller.abort();
  });
  return controller.signal;
}
