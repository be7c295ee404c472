#!/usr/bin/env node
/** The `comhe` command. Starts light: each command's code is loaded when it runs. */
import { Command, CommanderError, Help, Option } from "commander";
import manifest from "../package.json" with { type: "json" };
import { ExitCode, reportError } from "./command/exit-code.js";
import { notPrinted, printResult } from "./command/write-result.js";
import { allowRelaxedSimd } from "./relaxed-simd.js";

allowRelaxedSimd();

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
or a gate that no layer could be held to; 130 interrupted.`;

const compareEpilogue = `
Examples:
  comhe compare before.safetensors after.safetensors
  comhe compare bert-base/ my-fine-tuned-bert/ --format md > changes.md

Exit codes: 0 done; 2 a wrong command line; 3 a file that can't be read; 130 interrupted.`;

const planEpilogue = `
Examples:
  comhe jobs plan large-model/
  comhe jobs plan vectors.parquet --table vectors --out plan.json
  comhe jobs run plan.json`;

/** An option that may be given several times. */
const repeated = (flags: string, description: string) =>
  new Option(flags, `${description}; may be repeated`)
    .argParser((value: string, previous: readonly string[] = []) => [...previous, value])
    .default([]);

function addAuditOptions(command: Command): Command {
  return command
    .addOption(backendOption())
    .option("--spec <file>", "energy config as JSON; see `comhe init` and `comhe schema`")
    .addOption(repeated("--layer <glob>", "only layers whose names match"))
    .addOption(repeated("--exclude <glob>", "leave out layers whose names match"))
    .addOption(
      repeated(
        "--layout <glob=layout>",
        "which axis of matching layers counts the neurons: neurons-first, neurons-last, depthwise or axes:1,2",
      ),
    )
    .option(
      "--heads <n[:m]>",
      "how many attention heads the model has (with grouped queries also how many of keys: 32:8), where its file doesn't say",
    )
    .option(
      "--budget <time>",
      "time for the energies of each layer too large to take all its pairs, such as 30s; `none`: all pairs",
      "20s",
    )
    .option("--pairs <n>", "pairs of neurons to sample in each such layer, instead of a time")
    .option("--seed <n>", "seed of samples and projections", "0")
    .option("--progress", "print a line for each layer to stderr, even if that isn't a terminal");
}

const program = new Command("comhe")
  .description("How redundant are the neurons of a trained model?")
  .version(manifest.version)
  .exitOverride()
  .configureHelp({
    // An empty list is no default worth a word.
    optionDescription: (option) => new Help().optionDescription(option).replace(" (default: [])", ""),
  })
  .addHelpText(
    "after",
    "\nTo begin with: comhe audit --demo, then comhe audit MODEL. comhe help COMMAND explains each.",
  )
  .showHelpAfterError("See comhe --help.");

addAuditOptions(
  program
    .command("audit")
    .description("how much the neurons of each layer repeat each other: what stands out, then all layers, worst first")
    .argument(
      "[file...]",
      "a model's file or folder (safetensors, PyTorch, ONNX, TensorFlow, TensorFlow.js, TensorFlow Lite, Keras, Flax, GGUF, NumPy), a table of vectors (Parquet, Arrow, CSV, word vectors), or an address: https://… or hf:org/model",
    ),
)
  .addOption(new Option("--format <format>", "how to print").choices(["table", "json", "csv", "md"]).default("table"))
  .option("--demo", "audit a small model that comes with the command, whose faults are known")
  .option("--html <file>", "also write a page with pictures")
  .option("--fail-above <score>", "exit with 1 if a layer's score is above this number, for CI")
  .option(
    "--base <model>",
    "the model that an adapter was trained on: audits its matrices with the adapter's changes added, W + ΔW",
  )
  .option(
    "--fail-on <rules>",
    "exit with 1 where a rule finds something, such as nan,dead,copies>10,score>3; the rules: nan, infinite, dead, faint, exploding, constant, copies, crowded, redundant, dead-heads, collapsed-heads, score",
  )
  .option("--export <file>", "also write pairs (.csv, .parquet) or groups of copies (.json), with the names of rows")
  .option("--resume <file>", "keep finished layers in this side file, and go on from it after an interruption")
  .option("--on <server>", "audit on the machines that serve nats://host[:port]; see `comhe worker`")
  .option("--results <folder>", "with --on: where results are kept, and found again (default: in the user's cache)")
  .option("--replicas <n>", "with --on: on how many servers of a cluster everything is kept (1, 3 or 5)")
  .option("--heat-maps", "with --format json, also the cosines of the page's pictures")
  .option(
    "--wide",
    "all columns, also energies, however wide the terminal is (else at most 100 characters, and no more than it has)",
  )
  .option("--all", "also print what was left out and why, every note, and what each column means")
  .addHelpText("after", auditEpilogue)
  .action(async (files: string[], options: object, command: Command) => {
    const { auditCommand } = await import("./command/audit-command.js");
    const budgetGiven = command.getOptionValueSource("budget") !== "default";
    process.exitCode = await auditCommand(files, { ...options, budgetGiven } as never);
  });

addAuditOptions(
  program
    .command("compare")
    .description("what changed between two models, in words and layer by layer")
    .argument("<before>", "a model's file, folder or address, as for audit")
    .argument("<after>", "the model that it is compared with, such as a later checkpoint or a fine-tuned one"),
)
  .addOption(new Option("--format <format>", "how to print").choices(["table", "json", "csv", "md"]).default("table"))
  .option("--html <file>", "also write a page with a picture")
  .option("--wide", "all columns, however wide the terminal is")
  .option("--all", "also list the layers that didn't change")
  .addHelpText("after", compareEpilogue)
  .action(async (before: string, after: string, options: object) => {
    const { compareCommand } = await import("./command/compare-command.js");
    process.exitCode = await compareCommand(before, after, options as never);
  });

const credentialsEpilogue = `
Credentials are taken from the environment and from files, never from arguments: COMHE_NATS_USER with COMHE_NATS_PASSWORD_FILE,
COMHE_NATS_TOKEN_FILE, COMHE_NATS_NKEY_FILE or COMHE_NATS_CREDS_FILE; for TLS COMHE_NATS_CA_FILE, COMHE_NATS_CERT_FILE, COMHE_NATS_KEY_FILE.`;

/** What a machine that computes pieces is told of itself. */
const addMachineOptions = (command: Command): Command =>
  command
    .addOption(backendOption())
    .option("--threads <n>", "pieces at a time (default: one for each core)")
    .addOption(
      repeated(
        "--allow <place>",
        "a folder, or the beginning of an address, that may be read (default: the working folder)",
      ),
    )
    .option("--memory <MB>", "memory for rows that each thread keeps for its next piece (default: 268)");

addMachineOptions(program.command("worker").description("compute pieces of the plans that are on a NATS server"))
  .argument("<server>", "nats://host[:port] or tls://…; several of a cluster separated by commas")
  .option("--idle <time>", "end after this long without work, such as 10m")
  .option("--name <name>", "this worker's name in results and in the status (default: host and process)")
  .addHelpText("after", credentialsEpilogue)
  .action(async (server: string, options: object) => {
    const { workerCommand } = await import("./many/worker-command.js");
    process.exitCode = await workerCommand(server, options as never);
  });

const jobs = program
  .command("jobs")
  .description(
    "divide a large audit or energy into pieces: see what it costs, run it here or on many machines, watch it",
  );

addAuditOptions(
  jobs
    .command("plan")
    .description("say how many pieces, bytes and hours it takes, before anything starts")
    .argument("[file...]", "a model or a table of vectors, as for audit"),
)
  .option("--table <layer>", "the exact energy of one layer, in pieces, instead of an audit of all layers")
  .option("--simulate <NxD>", "the energy of random rows that no file holds, such as 10000000x64")
  .option("--gradient", "with --table or --simulate: also the gradient")
  .option("--block <rows>", "rows in a block (default: 4096)")
  .option("--strip <blocks>", "blocks in a piece (default: as many as take seconds on a core)")
  .option("--workers <n>", "estimate the hours for so many machines like this one")
  .option("--out <file>", "write the plan, for `comhe jobs run`")
  .addHelpText("after", planEpilogue)
  .action(async (files: string[], options: object) => {
    const { planCommand } = await import("./many/jobs-commands.js");
    process.exitCode = await planCommand(files, options as never);
  });

addMachineOptions(jobs.command("run").description("carry out a plan, here or on the machines of a server"))
  .argument("<plan>", "a file that `comhe jobs plan --out` wrote")
  .option("--results <folder>", "where results are kept and found again; several machines may share it")
  .option("--share <i/n>", "only every n-th piece from the i-th, i from 0: one machine of n that share the folder")
  .option("--on <server>", "on the machines that serve nats://host[:port]")
  .option("--replicas <n>", "with --on: on how many servers of a cluster everything is kept (1, 3 or 5)")
  .option("--check <share>", "with --on: accept results of untrusted workers, and compute this share (0 to 1) again")
  .option("--progress", "print progress to stderr, even if that isn't a terminal")
  .addHelpText("after", credentialsEpilogue)
  .action(async (plan: string, options: object) => {
    const { runCommand } = await import("./many/jobs-commands.js");
    process.exitCode = await runCommand(plan, options as never);
  });

jobs
  .command("status")
  .description("show the plans on a server, their workers and what was given up")
  .argument("<server>", "nats://host[:port] or tls://…")
  .option("--json", "print JSON")
  .addHelpText("after", credentialsEpilogue)
  .action(async (server: string, options: { json?: boolean }) => {
    const { statusCommand } = await import("./many/status-commands.js");
    process.exitCode = await statusCommand(server, options);
  });

for (const name of ["cancel", "resume"] as const) {
  jobs
    .command(name)
    .description(name === "cancel" ? "stop a plan" : "go on with a plan, including pieces that were given up")
    .argument("<server>", "nats://host[:port] or tls://…")
    .argument("<plan>", "its name, or the beginning of it")
    .addHelpText("after", credentialsEpilogue)
    .action(async (server: string, plan: string) => {
      const commands = await import("./many/status-commands.js");
      process.exitCode = await commands[`${name}Command`](server, plan);
    });
}

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
  .argument("[file]", "the file to write", "comhe.json")
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
