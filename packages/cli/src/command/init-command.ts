/** `comhe init`: a commented starter config. */
import { existsSync } from "node:fs";
import { ExitCode, UsageError } from "./exit-code.js";
import { starterConfig } from "./starter-config.js";
import { printResult, writeWhole } from "./write-result.js";

export function initCommand(file: string, { force = false }: { force?: boolean }): number {
  if (existsSync(file) && !force) throw new UsageError(`${file} is there already. Use --force to replace it.`);
  try {
    writeWhole(file, starterConfig);
  } catch (error) {
    throw new UsageError(`${file}: can't be written (${(error as Error).message}).`);
  }
  printResult(`${file} written. Use it with: comhe audit model.onnx --spec ${file}\n`);
  return ExitCode.ok;
}
