/** Vectors as text and in the plain binary files of benchmarks: the same rows, names and errors as anywhere else. */
import { describe, expect, it } from "vitest";
import { openModel } from "../open-model.js";
import { memorySource } from "../source/memory-source.js";
import type { Neighbours } from "../source/neighbours.js";
import { isNumber, parseNumber } from "./parse-number.js";

const text = (lines: readonly string[], end = "\n") => new TextEncoder().encode(lines.join(end) + end);
const open = (bytes: Uint8Array, name: string, neighbours?: Neighbours) =>
  openModel(bytes, { name, ...(neighbours && { neighbours }) });
async function tableOf(bytes: Uint8Array, name: string, neighbours?: Neighbours) {
  const { layers, skipped, notes } = await open(bytes, name, neighbours);
  expect(layers.length, name).toBe(1);
  const [layer] = layers;
  return {
    shape: [...layer!.shape],
    data: Array.from(await layer!.read()),
    names: await layer!.rowNames?.(),
    skipped,
    notes,
  };
}
const rows = [
  [1, -2.5, 3e-3],
  [0.25, 4, -5e2],
];
const wanted = { shape: [2, 3], data: Array.from(Float32Array.from(rows.flat())) };

describe("rows of numbers as text", () => {
  const line = (row: readonly number[], between: string) => row.join(between);
  it.each([
    ["a.csv", rows.map((row) => line(row, ",")), undefined],
    ["a.tsv", rows.map((row) => line(row, "\t")), undefined],
    ["semicolons.csv", rows.map((row) => line(row, ";")), undefined],
    ["spaces.txt", rows.map((row) => line(row, " ")), undefined],
    ["header.csv", ["x,y,z", ...rows.map((row) => line(row, ","))], undefined],
    ["names.csv", ["word,x,y,z", `"a, ""b""",${line(rows[0]!, ",")}`, `c,${line(rows[1]!, ",")}`], ['a, "b"', "c"]],
    ["r.csv", ["x,y,z", `one,${line(rows[0]!, ",")}`, `two,${line(rows[1]!, ",")}`], ["one", "two"]],
    ["ids.csv", ["id,x,y,z,label", `7,${line(rows[0]!, ",")},3`, `8,${line(rows[1]!, ",")},1`], ["7", "8"]],
    ["glove.txt", [`the ${line(rows[0]!, " ")}`, `. . . ${line(rows[1]!, " ")}`], ["the", ". . ."]],
    ["model.vec", ["2 3", `</s> ${line(rows[0]!, " ")} `, `2.5 ${line(rows[1]!, " ")} `], ["</s>", "2.5"]],
    ["tabs.vec", ["2 3", `ein wort\t${line(rows[0]!, "\t")}`, `x\t${line(rows[1]!, "\t")}`], ["ein wort", "x"]],
    ["quotes.txt", [`"We ${line(rows[0]!, " ")}`, `" ${line(rows[1]!, " ")}`], ['"We', '"']],
    ["quotes.tsv", [`"We\t${line(rows[0]!, "\t")}`, `"a\tb"\t${line(rows[1]!, "\t")}`], ['"We', "a\tb"]],
    ["noname", ["2 3", `a ${line(rows[0]!, " ")}`, `b ${line(rows[1]!, " ")}`], ["a", "b"]],
  ])("%s", async (name, lines, names) => {
    for (const end of ["\n", "\r\n"]) {
      const found = await tableOf(text(lines, end), name);
      expect(found).toMatchObject(wanted);
      expect(found.names).toEqual(names);
    }
  });

  it("a column that counts or labels rows is no dimension, and it is said", async () => {
    const { skipped } = await tableOf(text(["id,x,y,z,label", "7,1,2,3,0", "8,4,5,6,1"]), "ids.csv");
    expect(skipped.map(({ name, reason }) => [name, reason])).toEqual([
      ["id", "names of the rows"],
      ["label", "no dimension of the vectors"],
    ]);
  });

  it("an index before the rows is no dimension, where nothing but the index can count so", async () => {
    const indexed = await tableOf(text(["0,0.5,2,3", "1,1,2,5", "2,3,4,1"]), "indexed.csv");
    expect(indexed).toMatchObject({ shape: [3, 3], names: ["0", "1", "2"], data: [0.5, 2, 3, 1, 2, 5, 3, 4, 1] });
    expect(indexed.notes).toEqual([expect.stringMatching(/first column counts the rows and was left out/)]);
    const spaced = await tableOf(text(["0 0.5 2 3", "1 1 2 5", "2 3 4 1"]), "indexed.txt");
    expect(spaced).toMatchObject({ shape: [3, 3], names: ["0", "1", "2"], data: indexed.data, notes: indexed.notes });
    const titled = await tableOf(text(["x,y,z", "0,0.5,2", "1,1,2", "2,3,4"]), "titled.csv");
    expect(titled).toMatchObject({ shape: [3, 3], notes: [] });
    // Whole numbers throughout may be what they are.
    expect((await tableOf(text(["0,5,2", "1,2,5", "2,4,1"]), "whole.csv")).shape).toEqual([3, 3]);
    expect((await tableOf(text(["0,0.5,2", "1,2,5", "3,4,1"]), "other.csv")).shape).toEqual([3, 3]);
  });

  it("the projector's metadata name the rows, with and without a header", async () => {
    const beside = (metadata: readonly string[]): Neighbours => ({
      open: async (name) => (name === "my_metadata.tsv" ? memorySource(text(metadata), name) : undefined),
      list: async () => [],
    });
    const bytes = text(rows.map((row) => line(row, "\t")));
    const names = async (metadata: readonly string[]) => tableOf(bytes, "folder/my_vectors.tsv", beside(metadata));
    expect((await names(["one", "two"])).names).toEqual(["one", "two"]);
    expect((await names(["Count\tWord", "5\tone", "6\ttwo"])).names).toEqual(["one", "two"]);
    const short = await names(["one"]);
    expect(short.names).toBeUndefined();
    expect(short.notes[0]).toMatch(/1 rows, not for 2/);
  });

  it("parts of a long table are found again", async () => {
    const count = 5000;
    const value = (n: number, k: number) => n * 3 + k;
    const bytes = text(Array.from({ length: count }, (_, n) => `w${n} ${value(n, 0)} ${value(n, 1)} ${value(n, 2)}`));
    const [layer] = (await open(bytes, "long.txt")).layers;
    expect(layer!.shape).toEqual([count, 3]);
    for (const [from, size] of [
      [0, 3],
      [3071, 5],
      [3 * 4097 + 1, 7],
      [3 * 4999, 3],
    ] as const) {
      const expected = Array.from({ length: size }, (_, n) => from + n);
      expect(Array.from(await layer!.readPart!(from, size))).toEqual(expected);
    }
  });

  it.each([
    [
      "text.csv",
      ["x,y", "1,2", ...Array.from({ length: 60 }, () => "3,4"), "5,six"],
      /row 61, counted from 0 after any header: expected a number in field 1, got "six"/,
    ],
    [
      "short.csv",
      ["x,y", ...Array.from({ length: 60 }, () => "3,4"), "5"],
      /row 60, counted from 0 after any header: expected 2 fields, got 1/,
    ],
    [
      "counts.csv",
      Array.from({ length: 60 }, (_, n) => `${n < 55 ? n : n + 0.5},0.5,2`),
      /row 55, .*first column counts the rows before, and here it doesn't: give the table a header/,
    ],
    ["gap.csv", ["1,2,3", "4,,6", "7,8,9"], /row 1, .*expected a number in field 1, got ""/],
    ["na.csv", ["x,y,z", "1,2,NA", "4,5,6"], /row 0, .*expected a number in field 2, got "NA"/],
    ["ragged.csv", ["1,2,3", "4,5", "7,8,9"], /row 1, .*expected 3 fields, got 2/],
    ["cut.vec", ["3 2", "a 1 2", "b 3 4"], /says 3 rows, and it has 2/],
    ["one.csv", ["x", "1", "2"], /at least two columns/],
  ])("%s is refused", async (name, lines, message) => {
    await expect(open(text(lines), name).then(({ layers }) => layers[0]!.read())).rejects.toThrow(message);
  });

  it("a fastText model is refused by name", async () => {
    const model = Uint8Array.of(0xba, 0x16, 0x4f, 0x2f, 12, 0, 0, 0, 1, 2, 3, 4);
    await expect(open(model, "cc.bin")).rejects.toThrow(/fastText model.*\.vec/);
  });

  it("other texts aren't taken for tables", async () => {
    for (const name of ["a.md", "a.csv", "a.onnx"]) {
      await expect(open(text(["# A page", "", "with words 1 2 3 and more words"]), name)).rejects.toThrow(/text|begin/);
    }
  });
});

describe("numbers as text", () => {
  it("are those that JavaScript reads, to the last bit", () => {
    const some =
      "0 -0 1 -1 1e22 1e-22 123456789012345678 0.1 -.5 5. 1E+5 3.4028235e38 1e-45 1e400 4.9e-324 0.30000000000000004 2.2250738585072014e-308 9007199254740993";
    for (const word of some.split(" ")) {
      const bytes = new TextEncoder().encode(`x${word}y`);
      expect(Object.is(parseNumber(bytes, 1, bytes.length - 1), Number(word)), word).toBe(true);
    }
  });

  it("that are none are NaN", () => {
    for (const word of ["", "-", "e5", "1e", "1e+", "1.2.3", "12a", "--1", "0x10", "infinite", "1 2"]) {
      const bytes = new TextEncoder().encode(word);
      expect(parseNumber(bytes, 0, bytes.length), word).toBeNaN();
      expect(isNumber(bytes, 0, bytes.length), word).toBe(false);
    }
    for (const word of ["nan", "NaN", "inf", "-Infinity"]) {
      const bytes = new TextEncoder().encode(word);
      expect(isNumber(bytes, 0, bytes.length), word).toBe(true);
    }
  });
});

describe("vectors in binary", () => {
  const floats = (row: readonly number[]) => new Uint8Array(Float32Array.from(row).buffer);
  const join = (...parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
  const int32 = (...values: number[]) => new Uint8Array(Int32Array.from(values).buffer);

  it.each([
    ["a.fvecs", join(...rows.flatMap((row) => [int32(3), floats(row)]))],
    ["a.fbin", join(int32(2, 3), ...rows.map(floats))],
    ["vectors.bin", join(text(["2 3"]), ...rows.flatMap((row, n) => [text([`w${n} `], "").slice(), floats(row)]))],
    ["lines.bin", join(text(["2 3"]), ...rows.flatMap((row, n) => [text([`w${n} `], ""), floats(row), text([""])]))],
  ])("%s", async (name, bytes) => {
    const found = await tableOf(bytes, name);
    expect(found).toMatchObject(wanted);
    expect(found.names).toEqual(/bin$/.test(name) && !/fbin/.test(name) ? ["w0", "w1"] : undefined);
    const [layer] = (await open(bytes, name)).layers;
    expect(Array.from(await layer!.readPart!(2, 3))).toEqual(wanted.data.slice(2, 5));
  });

  it("bytes are numbers, indices of neighbours aren't vectors", async () => {
    const bytes = join(int32(3), Uint8Array.of(1, 2, 255), int32(3), Uint8Array.of(4, 5, 6));
    expect((await tableOf(bytes, "a.bvecs")).data).toEqual([1, 2, 255, 4, 5, 6]);
    const { layers, skipped } = await open(join(int32(2, 5, 6), int32(2, 7, 8)), "a.ivecs");
    expect(layers).toEqual([]);
    expect(skipped[0]).toMatchObject({ shape: [2, 2], reason: expect.stringMatching(/indices/) });
  });

  it.each([
    ["cut.fvecs", join(int32(3), floats(rows[0]!), int32(3), floats([1])), /whole vectors/],
    ["ragged.fvecs", join(int32(3), floats(rows[0]!), int32(2), floats([1, 2, 3])), /vector 1 has 2 numbers/],
    ["huge.fvecs", join(int32(2 ** 30), floats(rows[0]!)), /claims vectors of 1073741824/],
    [
      "cut.bin",
      join(text(["2 3"]), text(["w0 "], ""), floats([-1, -2, -3]), text(["word "], ""), floats([-1, 2])),
      /ends in its row 1/,
    ],
    ["more.bin", join(text(["1 3"]), text(["w0 "], ""), floats([-1, -2, -3]), floats([1])), /4 bytes follow/],
  ])("%s is refused", async (name, bytes, message) => {
    await expect(open(bytes, name).then(({ layers }) => layers[0]!.read())).rejects.toThrow(message);
  });
});
