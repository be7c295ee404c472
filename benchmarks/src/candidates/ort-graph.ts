/** ONNX Runtime on the literal graph of the published formulation. */
import ort from "onnxruntime-node";
import { publishedGraph } from "../peers/published-graph.js";
import { firstMatrices } from "../task/first-matrices.js";
import { randomProjectionOf, type Task, type TaskLayer } from "../task/task.js";
import { type Candidate, squareBytes, Unavailable } from "./candidate.js";

const threads = 2;

export const ortGraph: Candidate = {
  name: `ONNX Runtime literal graph, ${threads} threads`,
  id: "ort-graph",
  ours: false,
  squareArrays: (task) => squareBytes(task, 5, false, true),
  async open(task) {
    // New matrices would be the caller's work: this peer has none to draw them with.
    if (task.layers.some(({ spec }) => (randomProjectionOf(spec)?.refresh ?? 0) > 0)) {
      throw new Unavailable("a graph draws no matrices; see the case with kept ones");
    }
    const layers: Awaited<ReturnType<typeof open>>[] = [];
    for (const layer of task.layers) layers.push(await open(task, layer));
    const step = async () => {
      const energies = [];
      const gradients = [];
      for (const { session, feeds } of layers) {
        const { energy, gradient } = await session.run(feeds);
        energies.push(Number(energy!.data[0]));
        gradients.push(gradient!.data as Float32Array);
      }
      return { energies, gradients };
    };
    return {
      run: async () => {
        await step();
        return undefined;
      },
      result: step,
      close: async () => {
        for (const { session } of layers) await session.release();
      },
    };
  },
};

async function open(task: Task, layer: TaskLayer) {
  const session = await ort.InferenceSession.create(publishedGraph(layer), {
    executionProviders: ["cpu"],
    intraOpNumThreads: threads,
    graphOptimizationLevel: "all",
    // Its threads would go on spinning into the next candidate's time.
    extra: { session: { force_spinning_stop: "1" } },
  });
  const matrices = firstMatrices(task, layer);
  const feeds = {
    rows: new ort.Tensor("float32", layer.data, [layer.count, layer.dim]),
    ...(matrices ? { matrices: new ort.Tensor("float32", matrices.data, [...matrices.shape]) } : {}),
  };
  return { session, feeds };
}
