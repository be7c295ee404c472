/** Commands are written where the kernels read them: one description, a slot for each field. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { writers } from "../generated/write-commands.js";
import { type CommandName, commands, header } from "../src/kernels/commands.js";
import { type Fields, slotCount, slotsOf } from "../src/kernels/fields.js";
import { commandAt, commandLength } from "../src/threads/protocol.js";

const names = Object.keys(commands) as CommandName[];
const headerLength = Object.keys(header).length;

/** A different number for every field; names of choices stand for their index. */
function numbered(fields: Fields, first: number): { values: Record<string, unknown>; expected: [number, number][] } {
  const expected: [number, number][] = [];
  const values = Object.fromEntries(
    slotsOf(fields, first).map(({ name, slot, field }) => {
      if (field.type === "group") {
        const inside = numbered(field.fields, slot);
        expected.push(...inside.expected);
        return [name, inside.values];
      }
      const number = field.type === "flag" ? 1 : field.type === "choice" ? field.choices!.length - 1 : 1000 + slot;
      expected.push([slot, number]);
      if (field.type === "array") return [name, { address: number }];
      if (field.type === "choice") return [name, field.choices!.at(-1)];
      return [name, field.type === "flag" ? true : number];
    }),
  );
  return { values, expected };
}

describe.each(names)("%s", (name) => {
  const { values, expected } = numbered(commands[name], headerLength);

  it("has a slot for each field, the last of a list's entry left free", () => {
    const slots = expected.map(([slot]) => slot);
    expect(new Set(slots).size).toBe(slots.length);
    expect(Math.max(...slots)).toBeLessThan(commandLength - 1);
  });

  it("is written by names", () => {
    const at = 5;
    const written = new Float64Array(at + commandLength).fill(-1);
    writers[name](written, at, 77, values as never);
    expect([written[at], written[at + 1]]).toEqual([header.command.choices.indexOf(name), 77]);
    for (const [slot, number] of expected) expect(written[at + slot], `slot ${slot}`).toBe(number);
  });
});

it("what is optional and missing is 0", () => {
  const written = new Float64Array(commandLength).fill(-1);
  const located = { address: 8 };
  const rows = { rows: 1, dim: 2, directions: located, inverses: located, scale: 3, rowsOfEntry: 4, epsilon: 5 };
  writers.pullback(written, 0, 77, { rows, from: located, to: located });
  const [, from, to, along] = slotsOf(commands.pullback, headerLength).map(({ slot }) => slot);
  expect([from, to, along].map((slot) => written[slot!])).toEqual([8, 8, 0]);
  // Scales of batch entries, and all of the self terms.
  const given = [1, 2, 8, 8, 3, 0, 4, 5];
  const selfTerms = from! - headerLength - given.length;
  expect(selfTerms).toBeGreaterThan(0);
  expect([...written.subarray(headerLength, from)]).toEqual([...given, ...new Array<number>(selfTerms).fill(0)]);
});

it("the kernels have a reader for every field of every command", () => {
  const readers = readFileSync(new URL("../generated/assembly/command-fields.ts", import.meta.url), "utf8");
  expect(readers).toContain(`COMMAND: usize = ${commandAt * 8};`);
  const check = (className: string, fields: Fields, first: number) => {
    const body = readers.split(`export class ${className} {`)[1]!.split("\n}")[0]!;
    for (const { name, slot, field } of slotsOf(fields, first)) {
      expect(body, `${className}.${name}`).toMatch(new RegExp(`get ${name}\\(\\).*\\D${slot * 8}\\)`));
      if (field.type === "group") check(field.name, field.fields, 0);
    }
  };
  for (const name of names) check(`${name[0]!.toUpperCase()}${name.slice(1)}Command`, commands[name], headerLength);
  expect(slotCount({ type: "group", isOptional: false, name: "", fields: header })).toBe(headerLength);
});
