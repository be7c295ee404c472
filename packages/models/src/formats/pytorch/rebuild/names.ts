/**
 * What the names in a pickle may be. Naming a class is harmless here, and whole models name many; being called is what
 * only a closed list may. What no model names, and every attack does, is refused as soon as it is named.
 */
import { PickleProblem } from "../pickle/pickle-cursor.js";

/** Packages that reach the machine: nothing that holds weights comes from them. */
const reaching = new Set(
  (
    "os posix nt subprocess _posixsubprocess sys socket _socket shutil importlib runpy pty ctypes _ctypes multiprocessing " +
    "asyncio webbrowser urllib http ftplib smtplib pip setuptools pydoc imp zipimport pkgutil popen2 marshal pickle _pickle " +
    "cPickle linecache pdb bdb timeit faulthandler winreg _winapi msvcrt atexit tempfile fileinput"
  ).split(" "),
);

/** Modules that reach the outside, too, but whose names a user's own package may have. */
const reachingModules = new Set("code codeop commands platform profile cProfile signal trace io _io".split(" "));

/** Those of Python's built-ins that aren't functions which run or fetch something. */
const plainBuiltins = new Set(
  (
    "object type set frozenset list dict tuple int long float str unicode bytes bytearray bool complex slice range xrange " +
    "NoneType NotImplementedType ellipsis Ellipsis print len sum min max abs sorted zip map filter enumerate reversed round " +
    "getattr Exception ValueError TypeError KeyError RuntimeError StopIteration"
  ).split(" "),
);

const builtinModules = new Set(["builtins", "__builtin__", "__builtins__"]);

/**
 * @param module as the pickle has it
 * @param name as the pickle has it; a nested class is "Outer.Inner"
 * @throws PickleProblem where the name is one that only an attack has
 */
export function checkName(module: string, name: string): void {
  const root = module.split(".", 1)[0]!;
  const refused = builtinModules.has(module)
    ? !plainBuiltins.has(name.split(".", 1)[0]!)
    : reaching.has(root) || reachingModules.has(module);
  if (refused) throw refusal(`${module}.${name}`, "names");
}

/** @param verb "names" or "calls" */
export function refusal(path: string, verb: "names" | "calls"): PickleProblem {
  return new PickleProblem(
    `its pickle ${verb} ${path.slice(0, 200)}, which is neither a tensor nor a plain container, and was not run. Load it ` +
      "where you trust it and save the weights alone: torch.save(model.state_dict(), …), or as safetensors",
  );
}

/**
 * Classes whose instances are values, such as a checkpoint's settings hold: made of their arguments, and never looked at.
 * Each takes what it is given and does nothing else in Python either.
 */
export const plainClasses: ReadonlySet<string> = new Set([
  ...["datetime", "date", "time", "timedelta", "timezone"].map((name) => `datetime.${name}`),
  ...["Path", "PosixPath", "WindowsPath", "PurePath", "PurePosixPath", "PureWindowsPath"].flatMap((name) => [
    `pathlib.${name}`,
    `pathlib._local.${name}`,
  ]),
  ...["int", "long", "float", "str", "unicode", "bool", "complex", "slice", "range", "xrange", "object"].flatMap(
    (name) => [`builtins.${name}`, `__builtin__.${name}`],
  ),
  "decimal.Decimal",
  "fractions.Fraction",
  "uuid.UUID",
  "zoneinfo.ZoneInfo",
  "types.SimpleNamespace",
  "argparse.Namespace",
  "functools.partial",
  "re._compile",
  "torch.device",
  "torch.Generator",
  "torch.finfo",
  "torch.iinfo",
  "torch.serialization._get_layout",
  "numpy.random._pickle.__randomstate_ctor",
  "numpy.random._pickle.__generator_ctor",
  "numpy.random._pickle.__bit_generator_ctor",
  "numpy.random.__RandomState_ctor",
]);

/** Whether a name is NumPy's, by its paths before and after version 2 moved NumPy's insides. */
export function isNumpy(path: string, ...names: readonly string[]): boolean {
  const match = /^numpy\.(?:_?core\.)?(.*)$/.exec(path);
  return match !== null && names.includes(match[1]!);
}
