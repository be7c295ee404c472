/** Which backend is taken, and what becomes of an audit whose GPU is taken away or refuses a layer. The GPU here is the reference backend under another name. */
import { type Backend, EnergyError, referenceBackend } from "@comhe/core";
import { describe, expect, it } from "vitest";
import { layerOf, modelOf, normal } from "../../test/planted.js";
import { auditOnFastest } from "./audit-on-fastest.js";
import { fastestBackend, isSoftware, type Loaded, type Offer, type OfferName } from "./backends.js";

const reference = referenceBackend() as Backend<unknown>;
const offer = (name: OfferName, loaded: Partial<Loaded> = {}): Offer => ({
  name,
  load: async () => ({ name, backend: reference, about: name, ...loaded }),
});
const wasm = offer("wasm");
const model = () => modelOf(["a", "b", "c"].map((name) => layerOf(name, normal(name, 9, 4), 4)));
const refusing = (problem: string): Backend<unknown> => ({
  ...reference,
  upload: () => {
    throw new EnergyError("unsupported", problem);
  },
});

describe("which is taken", () => {
  const take = async (asked: string | undefined, ...among: readonly Offer[]) =>
    (await fastestBackend(asked, new Set(), among)).name;

  it("what was asked for, the first that runs here, the faster of GPU and processors", async () => {
    const none: Offer = { name: "webgpu", load: async () => undefined };
    const broken: Offer = { name: "webgpu", load: () => Promise.reject(new Error("no device")) };
    expect(await take(undefined, none, wasm)).toBe("wasm");
    expect(await take(undefined, broken, wasm)).toBe("wasm");
    expect(await take("wasm", offer("webgpu"), wasm)).toBe("wasm");
    expect(await take("nothing of the kind", none, wasm)).toBe("wasm");
    let disposed = 0;
    const useless = offer("webgpu", { backend: refusing("too old"), dispose: () => disposed++ });
    expect(await take(undefined, useless, wasm)).toBe("wasm");
    expect(disposed).toBe(1);
    expect(await take(undefined, offer("webgpu"), offer("wasm", { backend: refusing("no") }))).toBe("webgpu");
    await expect(take(undefined, none)).rejects.toThrow("None of webgpu runs");
  });

  it("a GPU of software is known by its names", () => {
    const info = {
      isFallbackAdapter: false,
      vendor: "google",
      architecture: "swiftshader",
      device: "",
      description: "",
    };
    expect(isSoftware({ info: info as unknown as GPUAdapterInfo })).toBe(true);
    const real = { ...info, vendor: "nvidia", architecture: "ampere" };
    expect(isSoftware({ info: real as unknown as GPUAdapterInfo })).toBe(false);
    expect(isSoftware({ info: { ...real, isFallbackAdapter: true } as unknown as GPUAdapterInfo })).toBe(true);
  });
});

describe("a GPU that fails", () => {
  it("is lost after a layer: that one stays, the others are computed by the next, and the report says so", async () => {
    let lost: string | undefined;
    const begun: string[] = [];
    const gpu = offer("webgpu", { lost: () => lost });
    const { report, loaded } = await auditOnFastest([model()], {
      asked: "webgpu",
      among: [gpu, wasm],
      onBegin: (layers, about) => begun.push(`${layers} ${about}`),
      onLayer: () => {
        lost = "the driver reset it";
      },
    });
    expect(loaded.name).toBe("wasm");
    expect(begun).toEqual(["3 webgpu", "3 wasm"]);
    expect(report.layers.map(({ layer }) => layer).sort()).toEqual(["a", "b", "c"]);
    expect([report.failed, report.interrupted]).toEqual([[], false]);
    // The second was under way when it was lost.
    const note = "1 layer was computed on the processors, since the GPU was lost: the driver reset it";
    expect(report.notes.map(({ note: said }) => said)).toEqual([note]);
  });

  it("refuses a layer: the next computes it; a layer that nobody can read is tried once more and told as it is", async () => {
    const unreadable = layerOf("cut", normal("cut", 4, 4), 4, {
      read: async () => {
        throw new EnergyError("invalid-file", "cut short");
      },
    });
    const { layers } = model();
    const { report } = await auditOnFastest([modelOf([...layers, unreadable])], {
      asked: "webgpu",
      among: [offer("webgpu", { backend: refusing("out of memory") }), wasm],
      onBegin: () => {},
    });
    expect(report.layers.length).toBe(3);
    expect(report.failed.map(({ layer, code }) => [layer, code])).toEqual([["cut", "invalid-file"]]);
    expect(report.notes[0]!.note).toBe(
      "3 layers were computed on the processors, since the GPU couldn't: out of memory",
    );
  });

  it("isn't asked again where the user has cancelled", async () => {
    const controller = new AbortController();
    const begun: string[] = [];
    const { report } = await auditOnFastest([model()], {
      asked: "webgpu",
      among: [offer("webgpu", { lost: () => "gone" }), wasm],
      signal: controller.signal,
      onBegin: (_, about) => begun.push(about),
      onLayer: () => controller.abort(),
    });
    expect(begun).toEqual(["webgpu"]);
    expect(report.interrupted).toBe(true);
  });
});
