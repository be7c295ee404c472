/** Every TypeScript block of a README runs against the built packages, passes the type checker, and prints what it says. */
import { execFile } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { promisedOutput, readmes, snippetsOf } from "./support/readme-snippets.js";

const run = promisify(execFile);
/** Beside this file, so that packages resolve as they do here. */
const folder = fileURLToPath(new URL("./.cache/readme/", import.meta.url));
const snippets = readmes().flatMap(snippetsOf);
const files = snippets.map((snippet, n) => ({ ...snippet, path: `${folder}snippet-${n}` }));

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  for (const { code, path } of files) {
    writeFileSync(`${path}.ts`, `${code}\nexport {};\n`);
    const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
    writeFileSync(`${path}.mjs`, ts.transpileModule(code, { compilerOptions }).outputText);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("there are READMEs with code", () => {
  expect(readmes()).toContain("packages/core/README.md");
  expect(snippets.length).toBeGreaterThan(3);
});

describe("runs", () => {
  it.each(files.map(({ name, ...file }) => [name, file] as const))("%s", async (_, { code, path }) => {
    const { stdout } = await run(process.execPath, [`${path}.mjs`], { timeout: 50_000, cwd: folder });
    const printed = stdout.trim().split("\n");
    for (const promised of promisedOutput(code)) expect(printed).toContain(promised);
  });
});

it("passes the type checker", () => {
  const program = ts.createProgram(
    files.map(({ path }) => `${path}.ts`),
    {
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      target: ts.ScriptTarget.ES2022,
      lib: ["lib.es2022.d.ts", "lib.dom.d.ts"],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: true,
      noEmit: true,
      types: ["node"],
    },
  );
  const problems = ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const name = files.find(({ path }) => file?.fileName === `${path}.ts`)?.name ?? file?.fileName;
    const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
    return `${name}, line ${line} of the block: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
  });
  expect(problems).toEqual([]);
});
