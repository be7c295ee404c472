/** The packages of a built checkout of this repository, loaded beside those of another one. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { UsageError } from "../command-line.js";

export interface Checkout {
  readonly core: typeof import("@comhe/core");
  readonly wasm: typeof import("@comhe/wasm");
  readonly onnx: typeof import("@comhe/onnx");
}

/** @throws UsageError where the folder isn't a checkout, or isn't built */
export async function loadCheckout(folder: string): Promise<Checkout> {
  const load = (name: string) => {
    const path = join(resolve(folder), "packages", name, "dist/index.js");
    if (!existsSync(path)) {
      throw new UsageError(
        `${folder}: expected a checkout of this repository, built (npm run build); ${path} is missing.`,
      );
    }
    return import(pathToFileURL(path).href);
  };
  const [core, wasm, onnx] = await Promise.all(["core", "wasm", "onnx"].map(load));
  return { core, wasm, onnx };
}
