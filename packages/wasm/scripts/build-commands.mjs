// Both sides of the commands from their one description, src/kernels/commands.ts: what writes them, in TypeScript, and what reads them in the
// kernels, in AssemblyScript; and, for the kernels, the fixed addresses of src/threads/protocol.ts.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";

const root = join(import.meta.dirname, "..");
const generated = join(root, "generated");

/** Modules of the package as JavaScript, in a folder of their own; what they import must be among them. */
async function importSources(names) {
  const paths = names.map((name) => {
    const { outputText } = ts.transpileModule(readFileSync(join(root, "src", `${name}.ts`), "utf8"), {
      compilerOptions: { module: ts.ModuleKind.ES2022, target: ts.ScriptTarget.ES2022 },
    });
    const path = join(generated, "build", `${name}.mjs`);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, outputText.replace(/(from "\.[^"]*)\.js"/g, '$1.mjs"'));
    return path;
  });
  return Promise.all(paths.map((path) => import(pathToFileURL(path).href)));
}

const [{ slotCount, slotsOf }, { commands, header }, protocol] = await importSources([
  "kernels/fields",
  "kernels/commands",
  "threads/protocol",
]);
const { commandAt, commandLength, scratchBytes, statisticsCode, words } = protocol;
const capital = (name) => name[0].toUpperCase() + name.slice(1);
/** Where a command's own fields begin. */
const first = Object.keys(header).length;

if (header.command.choices.indexOf("statistics") !== statisticsCode) {
  throw new Error(`command statistics: expected code ${statisticsCode}, which src/threads/protocol.ts says`);
}
for (const [name, fields] of Object.entries(commands)) {
  // The last slot of a command in a list says whether it is worth waking other threads.
  const room = commandLength - 1;
  const used = first + slotCount({ type: "group", fields });
  if (used > room) throw new Error(`command ${name}: ${used} slots, more than ${room}`);
}

// What the kernels read commands by: a class for each command and group, whose getters read one number each.

const classes = new Map();
const enums = new Map();

function getter({ name, slot, field }) {
  const offset = slot * 8;
  const number = `load<f64>(changetype<usize>(this), ${offset})`;
  const read = (type, value) => `  // @ts-ignore: decorator\n  @inline get ${name}(): ${type} { return ${value}; }\n`;
  switch (field.type) {
    case "group":
      addClass(field.name, field.fields, 0);
      return read(field.name, `changetype<${field.name}>(changetype<usize>(this) + ${offset})`);
    case "real":
      return read("f64", number);
    case "flag":
      return read("bool", `${number} != 0`);
    case "array":
      return read("usize", `<usize><u32>${number}`);
    case "choice":
      enums.set(capital(name), field.choices);
      return read("i32", `<i32>${number}`);
    default:
      return read("i32", `<i32>${number}`);
  }
}

function addClass(name, fields, from) {
  const getters = slotsOf(fields, from).map(getter);
  const text = `// @ts-ignore: decorator\n@unmanaged @final\nexport class ${name} {\n${getters.join("")}}\n`;
  if (classes.has(name) && classes.get(name) !== text) throw new Error(`two groups of fields are called ${name}`);
  classes.set(name, text);
}

addClass("HeaderFields", header, 0);
for (const [name, fields] of Object.entries(commands)) addClass(`${capital(name)}Command`, fields, first);

const readers = [
  "// Made by scripts/build-commands.mjs from src/kernels/commands.ts, which says what each field is, and src/threads/protocol.ts.",
  "",
  "/** Counter of claimed units, int32. */",
  `export const CLAIMED: usize = ${words.claimed * 4};`,
  "/** Not 0: a thread failed or stopped, and the others must not wait for it. */",
  `export const FAILED: usize = ${words.failed * 4};`,
  "/** For how many tenths of a second a thread waits for another that makes no progress. */",
  `export const PATIENCE: usize = ${words.patience * 4};`,
  "/** The fields of the command. */",
  `export const COMMAND: usize = ${commandAt * 8};`,
  "/** Bytes of one thread's scratch memory. */",
  `export const SCRATCH_BYTES: usize = ${scratchBytes};`,
  "",
  ...[...enums].map(([name, choices]) => `export const enum ${name} { ${choices.join(", ")} }`),
  "",
  ...classes.values(),
];

// What the host writes commands by: a function for each, straight from the values to the slots.

const lists = new Map();

/** Statements that write the fields of `values`, an expression. */
function writes(fields, from, values, indent) {
  return slotsOf(fields, from).flatMap(({ name, slot, field }) => {
    const value = `${values}.${name}`;
    const to = `${indent}to[at + ${slot}] =`;
    if (field.type === "group") {
      const inner = `${values.replaceAll(".", "_")}_${name}`;
      const body = writes(field.fields, slot, inner, field.isOptional ? `${indent}  ` : indent);
      const opened = `${indent}const ${inner} = ${value};`;
      const none = `${indent}} else to.fill(0, at + ${slot}, at + ${slot + slotCount(field)});`;
      return field.isOptional ? [opened, `${indent}if (${inner}) {`, ...body, none] : [opened, ...body];
    }
    if (field.type === "array") return `${to} ${field.isOptional ? `${value}?.address ?? 0` : `${value}.address`};`;
    if (field.type === "flag") return `${to} ${value} ? 1 : 0;`;
    if (field.type === "choice") {
      lists.set(name, field.choices);
      return `${to} ${name}.indexOf(${value});`;
    }
    return `${to} ${value}${field.isOptional ? " ?? 0" : ""};`;
  });
}

const [command, scratch] = slotsOf(header, 0).map(({ slot }) => slot);
const functions = Object.entries(commands).map(([name, fields], code) => {
  return [
    `  ${name}(to, at, scratch, fields) {`,
    `    to[at + ${command}] = ${code};`,
    `    to[at + ${scratch}] = scratch;`,
    ...writes(fields, first, "fields", "    "),
    "  },",
  ].join("\n");
});
const writers = [
  "// Made by scripts/build-commands.mjs from src/kernels/commands.ts, which says what each field is.",
  'import type { CommandFields, CommandName } from "../src/kernels/commands.js";',
  "",
  ...[...lists].map(([name, choices]) => `const ${name}: readonly string[] = ${JSON.stringify(choices)};`),
  "",
  "/** The slot of the address of scratch memory. */",
  `export const scratchSlot = ${scratch};`,
  "",
  "/** Writes a command to slots from `at` on; `scratch` is the address of scratch memory. */",
  "export const writers: {",
  "  [N in CommandName]: (to: Float64Array, at: number, scratch: number, fields: CommandFields<N>) => void;",
  "} = {",
  ...functions,
  "};",
  "",
];

mkdirSync(join(generated, "assembly"), { recursive: true });
writeFileSync(join(generated, "assembly/command-fields.ts"), readers.join("\n"));
writeFileSync(join(generated, "write-commands.ts"), writers.join("\n"));
