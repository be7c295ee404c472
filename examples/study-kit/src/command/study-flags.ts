/** The flags that every study has, and what is wrong with them. */
import { type ParseArgsConfig, parseArgs } from "node:util";
import { UserError } from "./user-error.js";

export interface StudyFlags {
  readonly seeds: number | undefined;
  readonly arms: readonly string[] | undefined;
  readonly samples: number | undefined;
  readonly epochs: number | undefined;
  readonly config: string | undefined;
  readonly out: string | undefined;
  readonly workers: number | undefined;
  readonly fresh: boolean;
  readonly help: boolean;
}

const options = {
  seeds: { type: "string" },
  arms: { type: "string" },
  samples: { type: "string" },
  epochs: { type: "string" },
  config: { type: "string" },
  out: { type: "string" },
  workers: { type: "string" },
  fresh: { type: "boolean" },
  help: { type: "boolean" },
} as const satisfies ParseArgsConfig["options"];

export interface ParsedStudyFlags {
  readonly flags: StudyFlags;
  /** Values of the study's own flags. */
  readonly own: Readonly<Record<string, string | undefined>>;
  readonly positionals: readonly string[];
}

export interface StudyFlagsOptions {
  /** Names of the study's own flags, each with a value. */
  readonly own?: readonly string[];
  /** Whether commands may stand beside the flags. */
  readonly allowPositionals?: boolean;
}

/** @throws UserError */
export function parseStudyFlags(
  args: readonly string[],
  { own = [], allowPositionals = false }: StudyFlagsOptions = {},
): ParsedStudyFlags {
  const { values, positionals } = parse(args, own, allowPositionals);
  return {
    flags: {
      seeds: positive("seeds", values.seeds),
      arms: values.arms?.split(",").map((name) => name.trim()),
      samples: positive("samples", values.samples),
      epochs: positive("epochs", values.epochs),
      config: values.config,
      out: values.out,
      workers: positive("workers", values.workers),
      fresh: values.fresh ?? false,
      help: values.help ?? false,
    },
    own: Object.fromEntries(own.map((name) => [name, (values as Record<string, string | undefined>)[name]])),
    positionals,
  };
}

function parse(args: readonly string[], own: readonly string[], allowPositionals: boolean) {
  const ownOptions = Object.fromEntries(own.map((name) => [name, { type: "string" as const }]));
  try {
    return parseArgs({ args: [...args], allowPositionals, options: { ...ownOptions, ...options } });
  } catch (error) {
    throw new UserError(`${(error as Error).message} See --help.`);
  }
}

function positive(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new UserError(`--${flag}: expected a whole number of at least 1, got "${text}".`);
  }
  return value;
}
