/** Who computes: our own kernels, and the same strategies on the engines of others, each on the same adapter through the same functions of core. */
import { type Backend, createEvaluator, createProgram } from "@comhe/core";
import type { KnownRows } from "./known-energy.js";

/** What a step gives. */
export interface StepResult {
  readonly energy: number;
  /** Absent where only the energy was asked for, or the gradient stays on the device. */
  readonly gradient?: ArrayLike<number>;
}

export interface OpenContestant {
  step(): Promise<StepResult>;
  close(): void | Promise<void>;
}

export interface Contestant {
  readonly id: string;
  readonly name: string;
  readonly withGradient: boolean;
  open(rows: KnownRows): Promise<OpenContestant>;
}

/** What stands in for ONNX Runtime where it can't run, in words. */
export type OnnxRuntime = (() => Promise<object>) | string;

const config = { space: "half", potential: { kind: "riesz", s: 2, distance: "chordal" } } as const;

/** Weights come from the host and gradients go back there, as in a loop of the user's own. */
function onHost(
  id: string,
  name: string,
  create: () => Promise<{ readonly backend: Backend<never>; close(): void | Promise<void> }>,
): Contestant {
  return {
    id,
    name,
    withGradient: true,
    async open({ data, count, dim }) {
      const { backend, close } = await create();
      const evaluator = createEvaluator(backend, config);
      return { step: () => evaluator.evaluate({ data, shape: [count, dim] }), close };
    },
  };
}

const disposing = <A>(backend: Backend<A>) => ({
  backend: backend as unknown as Backend<never>,
  close: () => backend.dispose?.(),
});

const ours = async () => (await import("@comhe/webgpu")).webgpuBackend();

/** Weights lie on the device, and the gradient stays there: what a training loop in WGSL or tfjs pays. */
const onDevice: Contestant = {
  id: "webgpu-device",
  name: "@comhe/webgpu, weights on the device",
  withGradient: true,
  async open({ data, count, dim }) {
    const backend = await ours();
    const { device } = backend;
    const buffer = device.createBuffer({ size: data.byteLength, usage: 0x80 | 0x8 });
    device.queue.writeBuffer(buffer, 0, data as Float32Array<ArrayBuffer>);
    const program = createProgram(config);
    const neurons = {
      count,
      dim,
      rows: () => {
        throw new Error("an energy without projection looks at no weights on the host");
      },
    };
    return {
      async step() {
        const { energy } = backend.scope(() => {
          const composed = program.compose(backend, backend.fromBuffer(buffer, [1, count, dim]), neurons);
          // Computed all the same: it is recorded with the energy.
          return { energy: composed.energy };
        });
        return { energy: (await backend.download({ energy })).energy[0]! };
      },
      close() {
        buffer.destroy();
        backend.dispose();
      },
    };
  },
};

const energyAlone: Contestant = {
  id: "webgpu-energy",
  name: "@comhe/webgpu, the energy alone",
  withGradient: false,
  async open({ data, count, dim }) {
    const backend = await ours();
    const evaluator = createEvaluator(backend, config);
    return {
      step: async () => ({ energy: await evaluator.energy({ data, shape: [count, dim] }) }),
      close: () => backend.dispose(),
    };
  },
};

export function contestants(onnxRuntime: OnnxRuntime): readonly Contestant[] {
  return [
    onHost("webgpu", "@comhe/webgpu", async () => disposing(await ours())),
    onDevice,
    energyAlone,
    onHost("gpujs", "gpu.js, mode webgpu (@comhe/gpujs)", async () => {
      const { gpujsBackend } = await import("@comhe/gpujs");
      return disposing(await gpujsBackend({ mode: "webgpu" }));
    }),
    onHost("onnx", "ONNX Runtime, provider webgpu (@comhe/onnx)", async () => {
      if (typeof onnxRuntime === "string") throw new Error(onnxRuntime);
      const { onnxBackend } = await import("@comhe/onnx");
      const runtime = (await onnxRuntime()) as NonNullable<Parameters<typeof onnxBackend>[0]>["runtime"];
      return disposing(await onnxBackend({ runtime, executionProviders: ["webgpu"] }));
    }),
    onHost("tfjs", "TensorFlow.js, engine webgpu (@comhe/tfjs)", async () => {
      const tf = await import("@tensorflow/tfjs");
      await import("@tensorflow/tfjs-backend-webgpu");
      if (!(await tf.setBackend("webgpu"))) throw new Error("tfjs has no engine webgpu here");
      await tf.ready();
      const { tfjsBackend } = await import("@comhe/tfjs");
      return { backend: tfjsBackend() as unknown as Backend<never>, close: () => {} };
    }),
  ];
}
