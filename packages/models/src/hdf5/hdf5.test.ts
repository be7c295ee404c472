/** HDF5 against h5py: every kind of directory, attribute and data layout that is read. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { memorySource } from "../source/memory-source.js";
import { decodeDataset } from "./decode-dataset.js";
import { type Hdf5Dataset, type Hdf5Group, openHdf5 } from "./hdf5-file.js";

const fixture = (name: string) => readFileSync(new URL(`../../test/fixtures/hdf5/${name}`, import.meta.url));
const values: { datasets: Record<string, number[]>; attributes: Record<string, unknown> } = JSON.parse(
  fixture("values.json").toString(),
);

function datasetsOf(group: Hdf5Group, found = new Map<string, Hdf5Dataset>()) {
  for (const dataset of group.datasets.values()) found.set(dataset.path, dataset);
  for (const child of group.groups.values()) datasetsOf(child, found);
  return found;
}

describe.each(["old.h5", "new.h5"])("%s", (name) => {
  const open = () => openHdf5(memorySource(new Uint8Array(fixture(name)), name));

  it("has the numbers that were written, whole and in parts", async () => {
    const datasets = datasetsOf(await open());
    for (const [path, wanted] of Object.entries(values.datasets)) {
      const dataset = datasets.get(path);
      expect(dataset, path).toBeDefined();
      const numbers = await decodeDataset(dataset!)!.read(0, wanted.length);
      expect(Array.from(numbers), path).toEqual(wanted);
      for (const [from, count] of [
        [0, 1],
        [3, 2],
        [5, 37],
        [90, 7],
      ] as const) {
        if (from + count > wanted.length) continue;
        expect(Array.from(await decodeDataset(dataset!)!.read(from, count)), `${path} from ${from}`).toEqual(
          Array.from(numbers.slice(from, from + count)),
        );
      }
    }
  });

  it("has every entry of groups large and small", async () => {
    const { groups } = await open();
    const keys = (group: string) => [...groups.get(group)!.datasets.keys()].sort();
    expect(keys("many")).toEqual(Array.from({ length: 80 }, (_, n) => `entry${String(n).padStart(3, "0")}`));
    expect(keys("few")).toEqual(["entry0", "entry1", "entry2"]);
    expect(keys("wide").length).toBe(40);
    expect([...groups.get("many")!.datasets.get("entry077")!.shape]).toEqual([2]);
  });

  it("has its attributes, few and many", async () => {
    const { attributes, groups } = await open();
    expect(Object.fromEntries(attributes)).toEqual(values.attributes);
    const crowded = groups.get("crowded")!.attributes;
    expect(crowded.size).toBe(40);
    expect(crowded.get("name33")).toBe("value 33");
  });
});
