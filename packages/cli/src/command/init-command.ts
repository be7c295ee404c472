/** `comhe init`: a commented starter config. */
import { existsSync, writeFileSync } from "node:fs";
import { ExitCode, UsageError } from "./exit-code.js";
import { starterConfig } from "./starter-config.js";

export function initCommand(file: string, { force = false }: { force?: boolean }): number {
  if (existsSync(file) && !force) throw new UsageError(`${file} is there already. Use --force to replace it.`);
  try {
    writeFileSync(file, starterConfig);
  } catch (error) {
    throw new UsageError(`${file}: can't be written (${(error as Error).message}).`);
  }
  process.stdout.write(`${file} written. Use it with: comhe audit model.onnx --spec ${file}\n`);
  return ExitCode.ok;
}
