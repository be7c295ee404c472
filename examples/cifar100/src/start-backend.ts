/** The TensorFlow.js that trains: whichever is installed, with what it lacks on WebAssembly. */
import { loadTfjs, type TfjsRuntime } from "@comhe/tfjs";
import { enableWasmTraining } from "@comhe/tfjs/wasm-training";
import { UserError } from "@comhe-examples/study-kit/worker";
import * as tf from "@tensorflow/tfjs";

/** The fastest TensorFlow.js that is installed. @returns the backend's name */
export async function startBackend(
  prefer: string | undefined,
  tell: (line: string) => void = console.error,
): Promise<string> {
  const {
    tf: chosen,
    backend,
    message,
  } = await loadTfjs({
    prefer: prefer as TfjsRuntime | undefined,
    importModule: (name) => import(name),
    quiet: true,
  });
  if (chosen.engine() !== tf.engine()) {
    throw new UserError(
      "There are two copies of @tensorflow/tfjs-core, which don't share tensors: npm ls @tensorflow/tfjs-core shows them.",
    );
  }
  tell(message);
  if (backend === "wasm") enableWasmTraining();
  return backend;
}
