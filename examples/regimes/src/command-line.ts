/** The flags, and what is wrong with them. */
import {
  ELSEWHERE_FLAGS,
  ELSEWHERE_HELP,
  type ElsewhereFlags,
  parseElsewhere,
  parseStudyFlags,
  UserError,
} from "@comhe-examples/study-kit";
import { DEBIAN_DATA_FOLDER } from "../../fashion/src/paths.js";
import { OUT_FOLDER } from "./paths.js";
import { regimes } from "./regimes/all.js";
import type { Regime } from "./regimes/regime.js";
import { SWEEP_SEEDS } from "./study/sweep.js";

const COMMANDS = ["run", "sweep", "suggest", "table"] as const;

export interface CommandLine extends ElsewhereFlags {
  readonly command: (typeof COMMANDS)[number];
  readonly regimes: readonly Regime[];
  readonly seeds: number | undefined;
  readonly fashion: string;
  readonly out: string;
  readonly workers: number | undefined;
}

export const HELP = `Where hyperspherical energies help and where not.

  node dist/main.js [run]   tune and train every regime, print the table, write results.json
  node dist/main.js sweep   train the energies at every weight of the grid on seeds of their own, to see which weights work
  node dist/main.js suggest ask suggestWeight in every regime that was run, and compare with the weights that worked
  node dist/main.js table   print the tables of the results in the repository, draw their picture

  --regimes <a,b>   only these: ${regimes.map(({ name }) => name).join(", ")}
  --seeds <n>       paired seeds per arm, instead of each regime's own number (sweep: ${SWEEP_SEEDS})
  --data <folder>   folder with Fashion-MNIST's four IDX files (${DEBIAN_DATA_FOLDER})
  --out <folder>    where finished runs and results.json go (examples/regimes/out)
  --workers <n>     worker threads (one per core)
${ELSEWHERE_HELP}
  --help            this text

A study that was stopped goes on with what isn't finished when it is started again.`;

/** `undefined`: help was asked for. @throws UserError */
export function parseCommandLine(args: readonly string[]): CommandLine | undefined {
  const { flags, own, positionals } = parseStudyFlags(args, {
    own: ["regimes", "data", ...ELSEWHERE_FLAGS],
    allowPositionals: true,
  });
  if (flags.help) return undefined;
  const [command = "run", ...more] = positionals;
  if (!isCommand(command) || more.length > 0) {
    throw new UserError(
      `Expected one command out of ${COMMANDS.join(", ")}; got "${positionals.join(" ")}". See --help.`,
    );
  }
  const { seeds, workers, out = OUT_FOLDER } = flags;
  const elsewhere = parseElsewhere(own);
  if ((command === "suggest" || command === "table") && (elsewhere.on ?? elsewhere.serve) !== undefined) {
    throw new UserError(`--on and --serve are of runs; ${command} makes none.`);
  }
  const fashion = own.data ?? DEBIAN_DATA_FOLDER;
  return { command, regimes: chosenRegimes(own.regimes), seeds, fashion, out, workers, ...elsewhere };
}

function isCommand(given: string): given is CommandLine["command"] {
  return COMMANDS.some((command) => command === given);
}

function chosenRegimes(text: string | undefined): readonly Regime[] {
  if (text === undefined) return regimes;
  return text.split(",").map((given) => {
    const found = regimes.find(({ name }) => name === given.trim());
    if (found) return found;
    throw new UserError(
      `--regimes: expected names out of ${regimes.map(({ name }) => name).join(", ")}; got "${given.trim()}".`,
    );
  });
}
