#!/usr/bin/env node
/** The `comhe` command. Starts light: each command's code is loaded when it runs. */
import { Command, CommanderError, Option } from "commander";
import manifest from "../package.json" with { type: "json" };
import { ExitCode, reportError } from "./command/exit-code.js";
import { notPrinted, printResult } from "./command/write-result.js";

const backendOption = () =>
  new Option("--backend <name>", "which backend computes")
    .choices(["auto", "native", "wasm", "onnx", "tfjs", "reference"])
    .default("auto");
const auditEpilogue = `
Examples:
  comhe audit --demo
  comhe audit model.onnx
  comhe audit model.safetensors --layer "*.weight" --exclude "*embed*" --html report.html
  comhe audit checkpoint.pt
  comhe audit my-lora/ --base Meta-Llama-3-8B/
  comhe audit vectors.npy --layout "array=neurons-last"
  comhe audit model.safetensors --format json --fail-above 1.5 > audit.json

Exit codes: 0 done; 1 a gate (--fail-above, --fail-on) fails; 2 a wrong command line; 3 a file or a layer that can't be audited,
or a gate with nothing to judge;
130 interrupted.`;

const collect = (value: string, previous: string[]) => [...previous, value];

function addAuditOptions(command: Command): Command {
  return command
    .addOption(backendOption())
    .option("--spec <file>", "energy config as JSON; see `comhe init` and `comhe schema`")
    .option("--layer <glob>", "only layers whose names match; may be repeated", collect, [])
    .option("--exclude <glob>", "leave out layers whose names match; may be repeated", collect, [])
    .option(
      "--layout <glob=layout>",
      "which axis counts the neurons of matching layers: neurons-first, neurons-last, depthwise or axes:1,2; may be repeated",
      collect,
      [],
    )
    .option(
      "--heads <n[:m]>",
      "how many attention heads the model has, under grouped queries also those of keys, where its file doesn't say so",
    )
    .option("--budget <time>", "time for the energies of each large layer, such as 30s; `none`: all pairs", "20s")
    .option("--pairs <n>", "pairs to sample in each large layer, instead of a time")
    .option("--seed <n>", "fixes samples and projections", "0")
    .option("--progress", "a line for each layer on stderr, also where that is no terminal");
}

const program = new Command("comhe")
  .description("How redundant are the neurons of a trained model?")
  .version(manifest.version)
  .exitOverride()
  .showHelpAfterError("See comhe --help.");

addAuditOptions(
  program
    .command("audit")
    .description("energy, score and redundant neurons of each layer, worst first")
    .argument(
      "[file...]",
      "a model's file, or its folder: .safetensors, .pt and other files of PyTorch's, .onnx, TensorFlow.js model.json or weights manifest, .npy, .npz; or its address, https://… or hf:org/model",
    ),
)
  .addOption(new Option("--format <format>", "how to print").choices(["table", "json", "csv", "md"]).default("table"))
  .option("--demo", "audit a small model that comes with the command, whose faults are known")
  .option("--html <file>", "also write a page with pictures")
  .option("--fail-above <score>", "exit with 1 if a layer's score is above this number, for CI")
  .option("--base <model>", "the model that an adapter was trained on: its matrices with the adapter's changes, W + ΔW")
  .option("--fail-on <rules>", "exit with 1 where a rule finds something: dead,nan,copies>10,score>3")
  .option("--export <file>", "also write pairs (.csv, .parquet) or groups of copies (.json), with the names of rows")
  .option("--resume <file>", "keep what is done in a side file, and go on from it")
  .option("--heat-maps", "with --format json, also the cosines of the page's pictures")
  .option(
    "--wide",
    "all columns, also energies, however wide the terminal is (else at most 100 characters, and no more than it has)",
  )
  .option("--all", "also list what was left out, and why, every note, and what each column is")
  .addHelpText("after", auditEpilogue)
  .action(async (files: string[], options: object) => {
    const { auditCommand } = await import("./command/audit-command.js");
    process.exitCode = await auditCommand(files, options as never);
  });

addAuditOptions(
  program
    .command("compare")
    .description("what changed between two models, in words and layer by layer")
    .argument("<before>")
    .argument("<after>"),
)
  .addOption(new Option("--format <format>", "how to print").choices(["table", "json", "csv", "md"]).default("table"))
  .option("--html <file>", "also write a page with a picture")
  .option("--wide", "all columns, however wide the terminal is")
  .option("--all", "also list the layers that didn't change")
  .action(async (before: string, after: string, options: object) => {
    const { compareCommand } = await import("./command/compare-command.js");
    process.exitCode = await compareCommand(before, after, options as never);
  });

program
  .command("doctor")
  .description("which backends are installed, whether they work, and how fast they are")
  .option("--json", "print JSON")
  .action(async (options: { json?: boolean }) => {
    const { doctorCommand } = await import("./command/doctor-command.js");
    process.exitCode = await doctorCommand(options);
  });

program
  .command("schema")
  .description("the JSON Schema of the energy config")
  .action(async () => {
    const { energyJsonSchema } = await import("@comhe/core");
    printResult(`${JSON.stringify(energyJsonSchema(), null, 2)}\n`);
  });

program
  .command("init")
  .description("write a commented starter config")
  .argument("[file]", "where to", "comhe.json")
  .option("--force", "replace the file if it is there")
  .action(async (file: string, options: { force?: boolean }) => {
    const { initCommand } = await import("./command/init-command.js");
    process.exitCode = initCommand(file, options);
  });

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  else process.exitCode = reportError(error);
}
const failure = await notPrinted();
if (failure !== undefined) {
  // Hours of work may be in it.
  process.stderr.write(`comhe: the result can't be written where it should go (${failure.problem}). Here it is:\n`);
  await new Promise<void>((resolve) => process.stderr.write(failure.result, () => resolve()));
  process.exitCode = ExitCode.usage;
}
// A backend's worker threads would keep the process.
process.exit();
