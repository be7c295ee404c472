/** loadTfjs with stand-in importers, and once with what is installed. */
import * as tf from "@tensorflow/tfjs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { loadTfjs, type TfjsRuntime } from "../../src/index.js";

/** Stands for a package; `starts` says whether a tfjs backend comes up, `add` how it computes. */
function api(starts: (backend: string) => boolean = () => true, add: (a: number[], b: number[]) => number[] = sum) {
  return {
    setBackend: async (backend: string) => starts(backend),
    ready: async () => undefined,
    tidy: (body: () => unknown) => body(),
    tensor1d: (values: number[]) => values,
    add: (a: number[], b: number[]) => ({ data: async () => add(a, b), dispose() {} }),
  };
}

function sum(a: number[], b: number[]): number[] {
  return a.map((value, n) => value + b[n]!);
}

function notFound(packageName: string): Error {
  return new Error(`Cannot find package '${packageName}' imported from /app/index.js`);
}

/** What isn't listed isn't installed; an Error is thrown on import. */
function installed(packages: Record<string, object>) {
  return async (packageName: string) => {
    const found = packages[packageName];
    if (found === undefined) throw notFound(packageName);
    if (found instanceof Error) throw found;
    return found;
  };
}

const union = "@tensorflow/tfjs";
const wasm = "@tensorflow/tfjs-backend-wasm";
const node = "@tensorflow/tfjs-node";
const nodeGpu = "@tensorflow/tfjs-node-gpu";
const load = (packages: Record<string, object>, prefer?: TfjsRuntime | TfjsRuntime[]) =>
  loadTfjs({ importModule: installed(packages), quiet: true, prefer });

describe("the fastest that is installed", () => {
  const all = { [nodeGpu]: api(), [node]: api(), [union]: api(), [wasm]: {} };
  test.each([
    [[], nodeGpu, "tensorflow"],
    [[nodeGpu], node, "tensorflow"],
    [[nodeGpu, node], wasm, "wasm"],
    [[nodeGpu, node, wasm], union, "cpu"],
  ])("without %j: %s", async (without, packageName, backend) => {
    const packages = Object.fromEntries(Object.entries(all).filter(([name]) => !without.includes(name)));
    const loaded = await load(packages);
    expect(loaded).toMatchObject({ packageName, backend });
    expect(loaded.tried).toEqual(without.map((name) => ({ packageName: name, problem: "not installed" })));
    expect(loaded.message).toContain(`runs on ${packageName}`);
    for (const name of without) expect(loaded.message).toMatch(new RegExp(`npm install .*${name}`));
  });

  test.each([
    `Cannot find package '${node}' imported from /app/index.js`,
    `Cannot find module '${node}'\nRequire stack:\n- /app/index.cjs`,
    `Could not resolve "${node}" imported by "@comhe/tfjs". Is it installed?`,
    `Failed to resolve module specifier '${node}'`,
  ])("missing, as Node, bundlers and browsers say it: %s", async (text) => {
    const { tried } = await load({ [node]: new Error(text), [union]: api() });
    expect(tried).toContainEqual({ packageName: node, problem: "not installed" });
  });

  test("prefer moves runtimes to the front", async () => {
    expect(await load(all, "wasm")).toMatchObject({ packageName: wasm, tried: [] });
    expect(await load({ [union]: api(), [node]: api() }, ["wasm", "cpu"])).toMatchObject({ packageName: union });
    await expect(load(all, "webgl" as TfjsRuntime)).rejects.toMatchObject({
      code: "invalid-config",
      message: expect.stringContaining('"webgl"'),
    });
  });

  test("a module that has everything under default", async () => {
    const inner = api();
    expect((await load({ [node]: { default: inner } })).tf).toBe(inner);
  });
});

describe("installed but broken isn't missing", () => {
  test.each<[string, Record<string, object>, string, string]>([
    [
      "a native addon that doesn't load",
      {
        [nodeGpu]: new Error("The Node.js native addon module (tfjs_binding.node) can not be found\nmore"),
        [union]: api(),
      },
      nodeGpu,
      "The Node.js native addon module (tfjs_binding.node) can not be found",
    ],
    [
      "a dependency of it that isn't there",
      { [node]: notFound("@mapbox/node-pre-gyp"), [union]: api() },
      node,
      "Cannot find package '@mapbox/node-pre-gyp' imported from /app/index.js",
    ],
    [
      "a backend that doesn't start",
      { [union]: api((backend) => backend !== "wasm"), [wasm]: {} },
      wasm,
      'its backend "wasm" failed to start',
    ],
    [
      "a first operation that fails: tfjs-node 4.22 on Node 24",
      {
        [node]: {
          ...api(),
          add: () => {
            throw new TypeError("(0 , util_1.isNullOrUndefined) is not a function");
          },
        },
        [union]: api(),
      },
      node,
      "(0 , util_1.isNullOrUndefined) is not a function",
    ],
    [
      "results that don't come",
      { [node]: api(undefined, () => Promise.reject(new Error("device lost")) as never), [union]: api() },
      node,
      "device lost",
    ],
    [
      "results that are wrong",
      { [nodeGpu]: api(undefined, () => [0, 0]), [union]: api() },
      nodeGpu,
      "it computes [1, 2] + [3, 4] = [0, 0]",
    ],
    ["another package under its name", { [node]: {}, [union]: api() }, node, "it doesn't export the TensorFlow.js API"],
  ])("%s", async (_, packages, packageName, problem) => {
    const loaded = await load(packages);
    expect(loaded.backend).toBe("cpu");
    expect(loaded.tried).toContainEqual({ packageName, problem });
    expect(loaded.message).toContain(`${packageName} is installed but doesn't work: ${problem}`);
  });

  test("a backend that throws while starting", async () => {
    const broken = { ...api(), setBackend: () => Promise.reject(new Error("no SIMD")) };
    await expect(load({ [union]: broken })).rejects.toMatchObject({ message: expect.stringContaining("no SIMD") });
  });
});

test("nothing installed", async () => {
  await expect(load({})).rejects.toMatchObject({
    code: "missing-peer",
    message: expect.stringMatching(
      /npm install @tensorflow\/tfjs-node-gpu\n.*npm install @tensorflow\/tfjs @tensorflow\/tfjs-backend-wasm/s,
    ),
  });
});

describe("what it writes", () => {
  const info = vi.spyOn(console, "info");
  beforeEach(() => void info.mockImplementation(() => undefined));
  afterEach(() => info.mockReset());

  test("its message, once", async () => {
    const { message } = await loadTfjs({ importModule: installed({ [node]: api() }) });
    expect(info.mock.calls).toEqual([[message]]);
  });
  test("nothing if quiet", async () => {
    await load({ [node]: api() });
    expect(info).not.toHaveBeenCalled();
  });
});

test("what is installed here computes", async () => {
  const loaded = await loadTfjs({ prefer: "wasm", quiet: true });
  expect(loaded).toMatchObject({ backend: "wasm", packageName: wasm });
  expect(loaded.tf.getBackend()).toBe("wasm");
  expect(loaded.tf.getBackend()).toBe(tf.getBackend());
  expect(Array.from(loaded.tf.add([1, 2], 1).dataSync())).toEqual([2, 3]);
});
