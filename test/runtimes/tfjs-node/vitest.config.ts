import { join } from "node:path";
import { defineConfig } from "vitest/config";

const cache = process.env.COMHE_TFJS_NODE_CACHE;
if (!cache) throw new Error("Expected COMHE_TFJS_NODE_CACHE; start these tests with `npm run test:tfjs-node`.");
const native = (path: string) => join(cache, "node_modules", "@tensorflow", path);

/** Every import of tfjs, from the tests and from the sources under test, is one instance: the native package's own. */
const alias = [
  { find: /^@tensorflow\/tfjs$/, replacement: native("tfjs-node/dist/index.js") },
  { find: /^@tensorflow\/tfjs-core$/, replacement: native("tfjs-core/dist/tf-core.node.js") },
  { find: /^@tensorflow\/tfjs-layers$/, replacement: native("tfjs-layers/dist/tf-layers.node.js") },
  { find: /^@tensorflow\/tfjs-backend-wasm$/, replacement: join(import.meta.dirname, "nothing.ts") },
  { find: /^(\.\.\/)+support\/backends\.js$/, replacement: join(import.meta.dirname, "backends.ts") },
  { find: /^(\.\.\/)+support\/compare\.js$/, replacement: join(import.meta.dirname, "compare.ts") },
  { find: /^@comhe\/tfjs$/, replacement: join(import.meta.dirname, "../../../packages/tfjs/src/index.ts") },
];

const layerTests = "../../../packages/tfjs/test/{model,monitor,regularizer,saving,suggest}/**/*.test.ts";

export default defineConfig({
  resolve: { alias },
  server: { fs: { strict: false } },
  test: {
    include: ["*.test.ts", layerTests],
    testTimeout: 120_000,
    // Of two engines, where here is one.
    testNamePattern: /^(?!.*cpu and wasm give the same losses)/,
    // The addon holds one TensorFlow runtime for a process.
    pool: "forks",
  },
});
