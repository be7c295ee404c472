/** TensorFlow.js' WebGL as on phones that can't draw to float32 textures: refused, in words, before a loss is NaN; and taken where it has them. */
import { isolationHeaders, openSite, type Site, serveFiles, skipReason } from "@comhe/page-kit";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

if (skipReason) console.info(`half floats in a page: skipped, ${skipReason}`);

const script = `import * as tf from "@tensorflow/tfjs";
import { hypersphericalEnergy } from "@comhe/tfjs";
const half = new URL(location.href).searchParams.has("half");
if (half) tf.env().set("WEBGL_FORCE_F16_TEXTURES", true);
await tf.setBackend("webgl");
const model = tf.sequential();
model.add(tf.layers.dense({ inputShape: [20], units: 16, kernelRegularizer: hypersphericalEnergy({ weight: 30 }) }));
model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
globalThis.outcome = await model
  .trainOnBatch(tf.ones([4, 20]), tf.ones([4, 16]))
  .then((loss) => ({ loss }), ({ name, code, message }) => ({ name, code, message }));`;

interface Outcome {
  readonly loss?: number;
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
}

describe.skipIf(skipReason !== undefined)("in Chromium, on webgl", () => {
  let site: Site;
  beforeAll(async () => {
    const { outputFiles } = await build({
      stdin: { contents: script, resolveDir: import.meta.dirname },
      ...{ bundle: true, minify: true, format: "esm", platform: "browser", write: false, logLevel: "error" },
    });
    const html = `<!doctype html><script type="module" src="/main.js"></script>`;
    const files = new Map<string, Uint8Array | string>([
      ["/index.html", html],
      ["/main.js", outputFiles[0]!.contents],
    ]);
    site = await openSite(await serveFiles(files, () => isolationHeaders));
  }, 120_000);
  afterAll(() => site?.close());

  async function outcome(query: string): Promise<Outcome> {
    const page = await site.open({ path: query, ready: "globalThis.outcome !== undefined" });
    return page.evaluate(() => (globalThis as unknown as { outcome: Outcome }).outcome);
  }

  test("float32 trains", async () => expect((await outcome("")).loss).toBeGreaterThan(0));

  test("float16 is refused", async () => {
    expect(await outcome("?half")).toMatchObject({
      ...{ name: "EnergyError", code: "unsupported" },
      message: expect.stringMatching(/computes in 16 bits here.*setBackend\("webgpu"\), or "wasm"/),
    });
  });
});
