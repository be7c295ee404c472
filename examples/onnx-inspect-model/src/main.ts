/** The command line. */
import { EnergyError } from "@comhe/core";
import { onnxBackend } from "@comhe/onnx";
import * as runtime from "onnxruntime-node";
import { type CommandLine, HELP, parseCommandLine, UsageError } from "./command-line.js";
import { type Inspection, inspectModel } from "./inspect.js";
import { layerTable, mostRedundant } from "./table.js";

async function main(args: readonly string[]): Promise<void> {
  const line = parseCommandLine(args);
  if (line === undefined) console.log(HELP);
  else await inspectAll(line);
}

async function inspectAll({ models, space, top }: CommandLine): Promise<void> {
  for (const { title, file } of models) {
    const backend = await onnxBackend({ runtime });
    const start = performance.now();
    const inspection = await inspectModel(backend, file, space);
    await backend.dispose();
    const { layers } = inspection;
    console.log(title);
    console.log(layerTable(top === undefined ? layers : mostRedundant(layers, top)));
    console.log(`${summary(inspection)}; ${((performance.now() - start) / 1000).toFixed(1)} s.\n`);
  }
}

function summary({ layers, single, unplaced }: Inspection): string {
  const scored = layers.flatMap(({ score }) => (score === undefined ? [] : [score])).sort((a, b) => a - b);
  const parts = [`${layers.length} layers`];
  if (scored.length > 0) {
    const median = scored[scored.length >> 1]!;
    const above = scored.filter((score) => score > 1).length;
    parts.push(
      `${above} of ${scored.length} scored ones above 1 (more redundant than random), median score ${median.toFixed(2)}`,
    );
  }
  if (single > 0) parts.push(`${single} of a single neuron left out`);
  if (unplaced.length > 0)
    parts.push(`${unplaced.length} tensors without neurons (${unplaced[0]!.name}: ${unplaced[0]!.reason})`);
  return parts.join("; ");
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const expected = error instanceof UsageError || EnergyError.isInstance(error);
  console.error(expected ? error.message : error);
  process.exitCode = 1;
});
