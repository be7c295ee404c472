/** Small files in CIFAR-100's formats, made by the tests; and folders that vanish with them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type ImageSet, PIXELS } from "../src/data/image-set.js";

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "cifar100-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Each class is a colour and a stripe of its own, with some noise: easy to learn. */
export function stripes(count: number, classes = 4): ImageSet {
  const labels = Uint8Array.from({ length: count }, (_, n) => (n * 7) % classes);
  const pixels = Uint8Array.from({ length: count * PIXELS }, (_, at) => {
    const image = Math.floor(at / PIXELS);
    const channel = Math.floor((at % PIXELS) / 1024);
    const row = Math.floor((at % 1024) / 32);
    const bright = channel === labels[image]! % 3 || row >> 3 === labels[image]! % 4;
    return (bright ? 190 : 30) + ((at * 7919 + image * 104729) % 41);
  });
  return { count, pixels, labels };
}

export function binaryRecords({ count, pixels, labels }: ImageSet): Buffer {
  const records = Array.from({ length: count }, (_, n) =>
    Buffer.concat([Buffer.of(labels[n]! >> 3, labels[n]!), pixels.subarray(n * PIXELS, (n + 1) * PIXELS)]),
  );
  return Buffer.concat(records);
}

/**
 * The pickle that Python 2 and NumPy wrote the published files as: protocol 2, strings as bytes, an array rebuilt by
 * `numpy.core.multiarray._reconstruct`.
 */
export function pythonBatch({ count, pixels, labels }: ImageSet): Buffer {
  const parts: Buffer[] = [];
  let memo = 0;
  const put = (...bytes: (number | Uint8Array | string)[]) =>
    parts.push(...bytes.map((each) => (typeof each === "number" ? Buffer.of(each) : Buffer.from(each))));
  const uint32 = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return bytes;
  };
  const remember = () => (memo < 256 ? put("q", memo++) : put("r", uint32(memo++)));
  const string = (text: string) => {
    put("U", text.length, text);
    remember();
  };
  const int = (value: number) => (value < 256 ? put("K", value) : put("J", uint32(value)));
  const intList = (values: ArrayLike<number>) => {
    put("]");
    remember();
    put("(");
    for (let n = 0; n < values.length; n++) int(values[n]!);
    put("e");
  };
  put(0x80, 2, "}");
  remember();
  put("(");
  string("filenames");
  put("]");
  remember();
  put("(");
  for (let n = 0; n < count; n++) string(`image_s_${n}.png`);
  put("e");
  string("batch_label");
  string("training batch 1 of 1");
  string("fine_labels");
  intList(labels);
  string("coarse_labels");
  intList(labels.map((label) => label >> 3));
  string("data");
  put("cnumpy.core.multiarray\n_reconstruct\n");
  remember();
  put("cnumpy\nndarray\n");
  remember();
  put("K", 0, 0x85);
  remember();
  string("b");
  put(0x87);
  remember();
  put("R");
  remember();
  put("(K", 1);
  int(count);
  int(PIXELS);
  put(0x86);
  remember();
  put("cnumpy\ndtype\n");
  remember();
  string("u1");
  put("K", 0, "K", 1, 0x87);
  remember();
  put("R");
  remember();
  put("(K", 3);
  string("|");
  put("NNN", "J", Buffer.of(255, 255, 255, 255), "J", Buffer.of(255, 255, 255, 255), "K", 0, "t");
  remember();
  put("b", 0x89, "T", uint32(pixels.length), pixels);
  remember();
  put("t");
  remember();
  put("bu.");
  return Buffer.concat(parts);
}

/** A folder with both files, of `training` and `test` images. */
export function writeCifar(format: "binary" | "python", { training = 48, test = 20 } = {}): string {
  const folder = newFolder();
  const [write, names] =
    format === "binary" ? [binaryRecords, ["train.bin", "test.bin"]] : [pythonBatch, ["train", "test"]];
  writeFileSync(join(folder, names[0]!), write(stripes(training)));
  writeFileSync(join(folder, names[1]!), write(stripes(test)));
  return folder;
}
