/** The conformance suite on the modes that run anywhere. `MODES=cpu` runs one alone. */
import { testBackend } from "@comhe/conformance";
import { type GpujsBackend, type GpuMode, gpujsBackend } from "../src/index.js";

const modes = (process.env.MODES ?? "cpu,webasm").split(",") as GpuMode[];

for (const mode of modes) {
  const made: GpujsBackend[] = [];
  testBackend({
    name: `gpujs ${mode}`,
    create: async () => {
      const backend = await gpujsBackend({ mode });
      made.push(backend);
      return backend;
    },
    tolerance: { energy: 3e-5, gradient: 1e-4, near: 5e-3 },
    handles: () => made.reduce((total, backend) => total + backend.memory().arrays, 0),
    slow: true,
  });
}
