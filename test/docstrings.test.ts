/**
 * Every name that a package exports, and every member of its types, says in the editor what it is: each has a docstring in the built types. Left out is
 * what is marked `@internal`, and members of constants, whose types nobody writes.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { packagesOfRepository, root } from "./packages/tarballs.js";

/** Every `.d.ts` that a package's exports name. */
function entriesOf(folder: string): readonly string[] {
  const found: string[] = [];
  const look = (value: unknown): void => {
    if (typeof value === "string" && value.endsWith(".d.ts")) found.push(join(root, "packages", folder, value));
    else if (typeof value === "object" && value !== null) Object.values(value).forEach(look);
  };
  look(JSON.parse(readFileSync(join(root, "packages", folder, "package.json"), "utf8")).exports);
  return found;
}

const folders = packagesOfRepository();
const program = ts.createProgram(folders.flatMap(entriesOf), {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  // Docstrings are in the declarations themselves: neither the language's own types nor anybody else's are read for them.
  ...{ noLib: true, types: [], skipLibCheck: true },
});
const checker = program.getTypeChecker();

const isInternal = (node: ts.Node) => ts.getJSDocTags(node).some(({ tagName }) => tagName.text === "internal");
const isMember = (node: ts.Node): node is ts.PropertySignature | ts.MethodSignature | ts.ClassElement =>
  ts.isPropertySignature(node) ||
  ts.isMethodSignature(node) ||
  ts.isPropertyDeclaration(node) ||
  ts.isMethodDeclaration(node) ||
  ts.isAccessor(node);

/** The names of what has no docstring, and how many were looked at. */
function undocumented(folder: string): { readonly missing: readonly string[]; readonly seen: number } {
  const own = (node: ts.Node) => node.getSourceFile().fileName.includes(`packages/${folder}/dist/`);
  const missing: string[] = [];
  const seen = new Set<ts.Symbol>();
  const check = (symbol: ts.Symbol, name: string) => {
    if (seen.has(symbol)) return;
    seen.add(symbol);
    if (symbol.getDocumentationComment(checker).length === 0) missing.push(name);
  };
  const visit = (node: ts.Node, path: string): void => {
    let here = path;
    if (isMember(node) && node.name && !ts.isPrivateIdentifier(node.name)) {
      if (isInternal(node) || ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Private) return;
      here = `${path}.${node.name.getText()}`;
      const symbol = checker.getSymbolAtLocation(node.name);
      if (symbol) check(symbol, here);
    }
    ts.forEachChild(node, (child) => visit(child, here));
  };
  for (const entry of entriesOf(folder)) {
    const module = checker.getSymbolAtLocation(program.getSourceFile(entry)!);
    // An entry that exports nothing is a program of its own.
    for (const exported of module ? checker.getExportsOfModule(module) : []) {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      const declarations = (symbol.declarations ?? []).filter(own);
      if (declarations.length === 0 || seen.has(symbol)) continue;
      check(symbol, exported.name);
      for (const declaration of declarations) {
        if (!ts.isVariableDeclaration(declaration)) visit(declaration, exported.name);
      }
    }
  }
  return { missing, seen: seen.size };
}

describe("public docstrings", () => {
  test.each(folders)("%s: every export and every member of its types has one", (folder) => {
    for (const entry of entriesOf(folder)) expect(existsSync(entry), entry).toBe(true);
    const { missing, seen } = undocumented(folder);
    expect(missing).toEqual([]);
    expect(seen).toBeGreaterThan(0);
  });

  test("there are enough of them for the search to be trusted", () => {
    expect(folders.reduce((sum, folder) => sum + undocumented(folder).seen, 0)).toBeGreaterThan(1500);
  });
});
