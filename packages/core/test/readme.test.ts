/** The README's tables know what the code knows: every key, default, error code, layout and dependency. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { defineEnergy, energyJsonSchema } from "../src/index.js";
import type { Schema } from "./support/json-schema.js";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
const readme = read("../README.md");
const schema = energyJsonSchema() as Schema;

/** Cells of the table row whose first cell is `name` in code. */
function row(name: string): string[] {
  const found = readme.split("\n").filter((line) => line.startsWith(`| \`${name}\` |`));
  expect(found.length, `rows of ${name}`).toBe(1);
  return found[0]
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());
}

/** The default a cell states: "`key` value", or "`key`: "value" (default)". */
function statedDefault(cell: string, key: string): string | undefined {
  const [, quoted, bare] =
    cell.match(new RegExp(`\`${key}\`(?:: \`?"([a-z-]+)"\`? \\(default\\)| ([a-z0-9.-]+))`)) ?? [];
  const stated = quoted ?? bare;
  return stated === undefined || Number.isNaN(Number(stated)) ? stated : String(Number(stated));
}

describe("config", () => {
  it.each(Object.keys(schema.properties ?? {}))("%s has its row, with its default", (key) => {
    const value = (defineEnergy() as unknown as Record<string, unknown>)[key];
    const text = typeof value === "object" ? (value as { kind: string }).kind : String(value ?? "none");
    expect(row(key)[1]).toContain(text);
  });

  // A discriminated union has its own table.
  const unions = Object.entries(schema.properties ?? {}).filter(([, { oneOf }]) => oneOf);
  it.each(unions.map(([name]) => name))("every %s has its row, with its keys and defaults", (name) => {
    for (const { properties = {} } of schema.properties?.[name].oneOf ?? []) {
      const { kind, ...keys } = properties;
      const [, cell] = row(String(kind.const));
      for (const [key, { default: value }] of Object.entries(keys)) {
        expect(cell, `${kind.const}.${key}`).toContain(`\`${key}\``);
        if (value !== undefined) expect(statedDefault(cell, key), `${kind.const}.${key}`).toBe(String(value));
      }
      const listed = [...cell.matchAll(/`([a-zA-Z]+)`/g)].map(([, key]) => key);
      expect(Object.keys(keys).sort()).toEqual(listed.sort());
    }
  });

  it("lists every distribution", () => {
    const options = schema.properties?.projection.oneOf ?? [];
    const random = options.find(({ properties }) => properties?.kind.const === "random");
    for (const each of random?.properties?.distribution.enum ?? []) expect(row("random")[2]).toContain(`\`${each}\``);
  });
});

it("every error code has its row", () => {
  const codes = [...read("../src/errors/energy-error.ts").matchAll(/^ {2}\| "([a-z-]+)"/gm)].map(([, code]) => code);
  expect(codes.length).toBeGreaterThan(5);
  for (const code of codes) expect(row(code)[1]).not.toBe("");
});

it("every layout has its row", () => {
  for (const layout of ['"neurons-first"', '"neurons-last"', '"depthwise"', "{ neuronAxes: [...] }"]) {
    expect(row(layout)[2]).not.toBe("");
  }
});

it("every runtime dependency has its row, and no other", () => {
  const { dependencies } = JSON.parse(read("../package.json"));
  const [, section] = readme.split("## Runtime dependencies");
  expect([...section.matchAll(/^\| `(.+?)` \|/gm)].map(([, name]) => name).sort()).toEqual(
    Object.keys(dependencies).sort(),
  );
});
