import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "@comhe-examples/study-kit/worker";
import { describe, expect, it } from "vitest";
import { binaryRecords, newFolder, pythonBatch, stripes, writeCifar } from "../../test/synthetic.js";
import { loadCifar } from "./cifar-data.js";
import { PIXELS } from "./image-set.js";

describe("loadCifar", () => {
  it.each(["binary", "python"] as const)("reads the %s format", (format) => {
    const { training, test, ...rest } = loadCifar(writeCifar(format, { training: 300 }));
    expect(rest.format).toBe(format);
    expect(training.count).toBe(300);
    expect(Buffer.compare(training.pixels, stripes(300).pixels)).toBe(0);
    expect(training.labels).toEqual(stripes(300).labels);
    expect(test.count).toBe(20);
  });

  it("finds the folder that the archive unpacks to", () => {
    const folder = newFolder();
    const inner = join(folder, "cifar-100-binary");
    mkdirSync(inner);
    for (const name of ["train.bin", "test.bin"]) writeFileSync(join(inner, name), binaryRecords(stripes(3)));
    expect(loadCifar(folder).training.count).toBe(3);
  });

  it("says how to get the data where there is none", () => {
    const folder = newFolder();
    expect(() => loadCifar(folder)).toThrow(UserError);
    expect(() => loadCifar(folder)).toThrow(/no CIFAR-100 here\. This example downloads nothing: get .*--data/);
  });

  const whole = binaryRecords(stripes(3));
  const wrongLabel = Buffer.from(whole);
  wrongLabel[3074 + 1] = 100;
  it.each([
    [
      "cut short",
      whole.subarray(0, -5),
      /train\.bin: expected records of 3074 bytes, got 9217 bytes: 2 records and 3069/,
    ],
    ["empty", Buffer.alloc(0), /train\.bin: expected images, got an empty file/],
    ["with a label that isn't one", wrongLabel, /expected fine labels from 0 to 99, got 100 for image 1/],
  ])("refuses a binary file that is %s", (_, content, message) => {
    expect(() => loadWith("train.bin", content)).toThrow(message);
  });

  it("names the test file where it is the one that can't be read", () => {
    const folder = newFolder();
    writeFileSync(join(folder, "train.bin"), whole);
    expect(() => loadCifar(folder)).toThrow(/test\.bin: can't be read/);
  });
});

describe("pickles", () => {
  const whole = pythonBatch(stripes(3));
  const replaced = (from: string, to: string) => {
    const at = whole.indexOf(from);
    return Buffer.concat([whole.subarray(0, at), Buffer.from(to), whole.subarray(at + from.length)]);
  };

  it.each([
    [
      "a call of something else",
      Buffer.from("cposix\nsystem\n(U\u0004true\x85R."),
      /train: .*wants posix\.system, something other than data: refused at byte 14/,
    ],
    [
      "a call by the newer instruction",
      Buffer.concat([
        Buffer.of(0x80, 4, 0x8c, 8),
        Buffer.from("builtins"),
        Buffer.of(0x8c, 4),
        Buffer.from("eval"),
        Buffer.of(0x93, 46),
      ]),
      /builtins\.eval.*refused/,
    ],
    ["a name that every object has", Buffer.from("cconstructor\n\n."), /refused/],
    ["an unknown instruction", Buffer.of(0x80, 2, 0xff), /instruction 0xff, which isn't one of data, at byte 2/],
    ["an old protocol", Buffer.of(0x80, 1), /protocol 1, known are 2 to 5/],
    ["a length beyond the end", Buffer.from([0x80, 2, 0x54, 255, 255, 255, 127]), /cut short or damaged/],
    [
      "a length of 2⁶⁴ − 1",
      Buffer.from([0x80, 4, 0x8e, ...Array(8).fill(255)]),
      /got a length of 18446744073709551615/,
    ],
    ["a reference to nothing", Buffer.from([0x80, 2, 0x68, 9, 46]), /reference to object 9/],
    ["an empty stack", Buffer.from([0x80, 2, 46]), /stack is empty/],
    ["a mark that is missing", Buffer.from("\x80\x02te.", "latin1"), /a mark is missing/],
    ["no dictionary", Buffer.from([0x80, 2, 0x4b, 7, 46]), /expected a dictionary/],
    [
      "CIFAR-10",
      replaced("fine_labels", "fine_lobels"),
      /got filenames, batch_label, fine_lobels, coarse_labels, data/,
    ],
    ["another type of numbers", replaced("u1q", "f4q"), /expected an array of uint8, got f4/],
    ["nothing", Buffer.alloc(0), /cut short/],
  ])("refuses %s", (_, content, message) => {
    expect(() => loadWith("train", content)).toThrow(UserError);
    expect(() => loadWith("train", content)).toThrow(message);
  });

  it("gives a clear error wherever the file ends too early, and whatever byte is damaged", () => {
    const folder = newFolder();
    const path = join(folder, "train");
    writeFileSync(join(folder, "test"), whole);
    // Every byte of the frame; the pixels' bytes are free.
    const pixels = whole.indexOf(Buffer.from(stripes(3).pixels));
    for (let length = 0; length < whole.length; length += length < pixels ? 7 : 997) {
      writeFileSync(path, whole.subarray(0, length));
      expect(() => loadCifar(folder), `${length} bytes`).toThrow(UserError);
    }
    let refused = 0;
    for (let at = 0; at < pixels; at += 3) {
      const damaged = Buffer.from(whole);
      damaged[at] = damaged[at]! ^ 0x5a;
      writeFileSync(path, damaged);
      try {
        expect(loadCifar(folder).training.count).toBe(3);
      } catch (error) {
        expect(error, `byte ${at}`).toBeInstanceOf(UserError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(20);
  });

  const python = spawnSync("python3", ["-c", "import numpy; print(numpy.__version__)"], { encoding: "utf8" });
  const hasNumPy = python.status === 0;
  if (!hasNumPy) console.info("pickles of this machine's Python: skipped, since python3 with numpy isn't installed");
  it.skipIf(!hasNumPy).each([2, 3, 4, 5])("reads what Python 3 writes in protocol %i", (protocol) => {
    const folder = newFolder();
    const images = stripes(5);
    writeFileSync(join(folder, "pixels"), images.pixels);
    const script = `
import numpy, pickle, sys
folder, protocol = sys.argv[1], int(sys.argv[2])
data = numpy.fromfile(folder + "/pixels", dtype=numpy.uint8).reshape(5, ${PIXELS})
labels = [${[...images.labels].join(", ")}]
for name in ["train", "test"]:
    with open(folder + "/" + name, "wb") as file:
        pickle.dump({b"data": data, "fine_labels": labels, "coarse_labels": labels}, file, protocol=protocol)
`;
    const { status, stderr } = spawnSync("python3", ["-c", script, folder, String(protocol)], { encoding: "utf8" });
    expect(status, stderr).toBe(0);
    const { training } = loadCifar(folder);
    expect(Buffer.compare(training.pixels, images.pixels)).toBe(0);
    expect(training.labels).toEqual(images.labels);
  });

  it.skipIf(!hasNumPy)("makes test files that Python itself reads as the published ones", () => {
    const folder = newFolder();
    writeFileSync(join(folder, "train"), whole);
    const script = `
import pickle, sys
with open(sys.argv[1], "rb") as file:
    batch = pickle.load(file, encoding="latin1")
print(sorted(batch), batch["data"].shape, batch["data"].dtype, batch["fine_labels"])
`;
    const { stdout, stderr } = spawnSync("python3", ["-c", script, join(folder, "train")], { encoding: "utf8" });
    expect(stdout, stderr).toBe(
      `['batch_label', 'coarse_labels', 'data', 'filenames', 'fine_labels'] (3, ${PIXELS}) uint8 [0, 3, 2]\n`,
    );
  });
});

function loadWith(name: string, content: Uint8Array) {
  const folder = newFolder();
  writeFileSync(join(folder, name), content);
  return loadCifar(folder);
}
