/** Names mean what they mean where they stand: subgraphs, functions, shadows, ties, and models that are broken. */
import * as ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { readWeights } from "../../src/onnx.js";
import { type Graph, model, type Node, node, normal, raw, Type, value } from "./support/build-model.js";

const outer = raw("w", [4, 3], normal([12], 1));
const inner = raw("v", [4, 3], normal([12], 2));
const product = node("MatMul", ["x", "w"], ["y"], {}, { name: "product" });

async function read(nodes: Node[], more: Partial<Parameters<typeof model>[0]> = {}) {
  const file = model({ nodes, inputs: [value("x", [2, 4])], ...more });
  return readWeights(file);
}

describe("graphs in nodes", () => {
  it("If: outer names, names of its own, and Constant nodes", async () => {
    const thenBranch: Graph = { name: "then", node: [product], output: [value("y")] };
    const elseBranch: Graph = {
      name: "else",
      node: [
        node("Constant", [], ["v"], { value: { tensor: { ...inner, name: "" } } }),
        node("MatMul", ["x", "v"], ["y"]),
      ],
      output: [value("y")],
    };
    const nodes = [
      node(
        "If",
        ["c"],
        ["z"],
        { then_branch: { graph: thenBranch }, else_branch: { graph: elseBranch } },
        { name: "if" },
      ),
    ];
    const inputs = [value("x", [2, 4]), value("c", [], Type.BOOL)];
    const file = model({ nodes, initializers: [outer], inputs, outputs: [value("z")] });
    // ONNX Runtime agrees that this is a model.
    await (await ort.InferenceSession.create(file, { logSeverityLevel: 3 })).release();
    const { weights } = await readWeights(file);
    expect(weights.map(({ name, consumers: [first] }) => [name, first!.graph])).toEqual([
      ["w", "if/then_branch"],
      ["v", "if/else_branch"],
    ]);
    const kernels = await Promise.all(weights.map((weight) => weight.kernel()));
    expect(kernels.map(({ data }) => data)).toEqual([normal([12], 1), normal([12], 2)]);
  });

  it("the nearest definition counts", async () => {
    const branch: Graph = { name: "then", node: [product], initializer: [{ ...inner, name: "w" }] };
    const { weights, unplaced } = await read(
      [node("If", ["c"], ["z"], { then_branch: { graph: branch } }, { name: "if" }), product],
      {
        initializers: [outer],
      },
    );
    expect(weights.map(({ name }) => name)).toEqual(["w", "if/then_branch/w"]);
    expect((await weights[1]!.kernel()).data).toEqual(normal([12], 2));
    expect(unplaced).toEqual([]);
  });

  it.each(["Loop", "Scan"])("%s: a body's input is no weight, whatever is handed in", async (op) => {
    const body: Graph = {
      name: "body",
      node: [node("MatMul", ["state", "w"], ["next"], {}, { name: "own" }), node("MatMul", ["x", "v"], ["other"])],
      input: [value("w"), value("state")],
      output: [value("next")],
    };
    const { weights, unplaced } = await read([node(op, ["w"], ["z"], { body: { graph: body } }, { name: "it" })], {
      initializers: [outer, raw("v", [4, 2], normal([8]))],
    });
    expect(weights.map(({ name }) => name)).toEqual(["v"]);
    expect(unplaced.map(({ name, reason }) => [name, reason])).toEqual([
      ["w", `input 0 of ${op} "it", which has no neurons there`],
    ]);
  });

  it("tied weights are one, with both consumers; another layout is another matrix", async () => {
    const table = raw("table", [5, 4], normal([20]));
    const { weights } = await read(
      [
        node("Gather", ["table", "i"], ["e"], {}, { name: "embed" }),
        node("Transpose", ["table"], ["t"]),
        node("Gemm", ["x", "table"], ["a"], { transB: 1 }, { name: "head" }),
        node("Gemm", ["x", "t"], ["b"], {}, { name: "other head" }),
        node("MatMul", ["v", "table"], ["c"], {}, { name: "back" }),
      ],
      { initializers: [table] },
    );
    expect(weights.map(({ name, count, consumers }) => [name, count, consumers.map(({ node: of }) => of)])).toEqual([
      ["table", 5, ["embed", "head"]],
      ["table (2)", 5, ["other head"]],
      ["table (3)", 4, ["back"]],
    ]);
    const [first, second] = await Promise.all(weights.map((weight) => weight.neurons()));
    expect(second).toEqual(first);
  });

  it("an initializer that may be overridden is a weight still", async () => {
    const { weights } = await read([product], { initializers: [outer], inputs: [value("x"), value("w")] });
    expect(weights.map(({ name }) => name)).toEqual(["w"]);
  });
});

describe("local functions", () => {
  const linear = {
    name: "Linear",
    domain: "local",
    input: ["a", "b"],
    output: ["out"],
    attribute: ["side"],
    node: [node("Gemm", ["a", "b"], ["out"], { transB: { reference: "side" } }, { name: "gemm" })],
    opsetImport: [{ domain: "", version: 21n }],
  };

  it("weights handed in, attributes handed in, and results handed on", async () => {
    const swap = {
      name: "Swap",
      domain: "local",
      input: ["m"],
      output: ["t"],
      node: [node("Transpose", ["m"], ["t"])],
      opsetImport: [{ domain: "", version: 21n }],
    };
    const nodes = [
      node("Swap", ["w"], ["swapped"], {}, { domain: "local", name: "swap" }),
      node("Linear", ["x", "swapped"], ["y"], { side: 1 }, { domain: "local", name: "layer" }),
    ];
    const file = model({
      nodes,
      initializers: [outer],
      inputs: [value("x", [2, 4])],
      outputs: [value("y")],
      functions: [linear, swap],
    });
    await (await ort.InferenceSession.create(file, { logSeverityLevel: 3 })).release();
    const { weights, unplaced } = await readWeights(file);
    expect(unplaced).toEqual([]);
    expect(weights).toHaveLength(1);
    expect(weights[0]).toMatchObject({
      name: "w",
      op: "Gemm",
      via: ["Transpose"],
      layout: "neurons-first",
      count: 3,
      dim: 4,
      consumers: [{ node: "gemm", graph: "layer", input: 1 }],
    });
  });

  it("functions that call each other without end are refused, in no time", async () => {
    const call = (name: string) => node(name, ["a"], ["out"], {}, { domain: "local" });
    const twice = (name: string, next: string) => ({
      name,
      domain: "local",
      input: ["a"],
      output: ["out"],
      node: [call(next), node(next, ["out"], ["again"], {}, { domain: "local" })],
    });
    const circle = [twice("F", "F")];
    const chain = Array.from({ length: 60 }, (_, n) => twice(`F${n}`, `F${n + 1}`));
    for (const functions of [circle, chain]) {
      const start = performance.now();
      await expect(read([call(functions[0]!.name)], { functions })).rejects.toMatchObject({ code: "invalid-file" });
      expect(performance.now() - start).toBeLessThan(10_000);
    }
  });
});

describe("models that mean nothing", () => {
  it("a name with two definitions places nothing", async () => {
    const { weights, unplaced } = await read([product], { initializers: [outer, { ...inner, name: "w" }] });
    expect(weights).toEqual([]);
    expect(unplaced.map(({ reason }) => reason)).toEqual(["no node reads it", "no node reads it"]);
  });

  it("values that depend on themselves", async () => {
    const nodes = [
      node("Identity", ["b"], ["a"]),
      node("Transpose", ["a"], ["b"]),
      node("Concat", ["a", "b", "w"], ["c"], { axis: 0 }),
      node("MatMul", ["x", "b"], ["y"]),
      node("MatMul", ["x", "c"], ["z"]),
    ];
    expect((await read(nodes, { initializers: [outer] })).weights).toEqual([]);
  });

  it("a constant that doubles 60 times is no weight", async () => {
    const nodes = Array.from({ length: 60 }, (_, n) =>
      node("Concat", [n === 0 ? "w" : `c${n}`, n === 0 ? "w" : `c${n}`], [`c${n + 1}`], { axis: 0 }),
    );
    const { weights, unplaced } = await read([...nodes, node("MatMul", ["x", "c60"], ["y"])], {
      initializers: [outer],
    });
    expect(weights).toEqual([]);
    expect(unplaced[0]!.reason).toMatch(/^Concat makes \d+ numbers of it$/);
  });

  it("a long way is followed as far as any model goes, and no further", async () => {
    const chain = (length: number) => [
      ...Array.from({ length }, (_, n) => node("Transpose", [n === 0 ? "w" : `t${n}`], [`t${n + 1}`])),
      node("MatMul", ["x", `t${length}`], ["y"]),
    ];
    expect((await read(chain(64), { initializers: [outer] })).weights).toHaveLength(1);
    const { unplaced } = await read(chain(65), { initializers: [outer] });
    expect(unplaced[0]!.reason).toBe("passes through more than 64 operations");
    expect((await read(chain(30_000), { initializers: [outer] })).weights).toEqual([]);
  });

  it("graphs nested too deep", async () => {
    let graph: Graph = { name: "g", node: [product] };
    for (let depth = 0; depth < 100; depth++)
      graph = { name: "g", node: [node("If", ["c"], ["z"], { then_branch: { graph } })] };
    await expect(read(graph.node as Node[], { initializers: [outer] })).rejects.toThrow(/nested deeper than 64/);
    const deep = await readWeights(model({ nodes: graph.node as Node[], initializers: [outer] }), {
      limits: { depth: 200 },
    });
    expect(deep.weights).toHaveLength(1);
  });

  it("more entries than allowed", async () => {
    const nodes = Array.from({ length: 100 }, (_, n) => node("Relu", ["x"], [`y${n}`]));
    const file = model({ nodes });
    await expect(readWeights(file, { limits: { entries: 100 } })).rejects.toThrow(
      /more than 100 nodes, tensors and names/,
    );
  });

  it("sparse tensors are listed", async () => {
    const sparse = {
      values: raw("s", [1], Float32Array.of(1)),
      indices: raw("i", [1], BigInt64Array.of(0n)),
      dims: [4n, 3n],
    };
    const { weights, unplaced } = await read([node("MatMul", ["x", "s"], ["y"])], {
      sparse: [sparse],
    });
    expect(weights).toEqual([]);
    expect(unplaced).toEqual([
      { name: "s", graph: "", shape: [4, 3], dataType: "float32", reason: "a sparse tensor, which isn't read" },
    ]);
  });
});
