/** Whether Node has a GPU here, by Dawn: a real one, or one in software (`vitest.config.ts`). */
import { webgpuBackend } from "../../src/index.js";

/** Why tests in Node are skipped; `undefined` where they run. */
export const noGpu: string | undefined = await webgpuBackend().then(
  (backend) => void backend.dispose(),
  (error: Error) => error.message,
);

if (noGpu) console.info(`@comhe/webgpu in Node: skipped, ${noGpu}`);
