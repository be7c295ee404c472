/** Python with onnx, onnxruntime and numpy, where a machine has it. */
import { spawnSync } from "node:child_process";

function probe(): string | undefined {
  const { status, error } = spawnSync("python3", ["-c", "import onnx, onnxruntime, numpy"], { encoding: "utf8" });
  if (error) return "there is no python3";
  return status === 0 ? undefined : "python3 has no onnx, onnxruntime or numpy";
}

/** Why there is no such Python here. */
export const pythonMissing = probe();

/** Runs a script that reads JSON from its input and prints JSON. */
export function runPython(script: string, input: unknown): unknown {
  const { status, stdout, stderr } = spawnSync("python3", ["-c", script], {
    input: JSON.stringify(input),
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
