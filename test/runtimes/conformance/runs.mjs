/**
 * The runs of the conformance suite: which tests, in which workspace, on what. A run that needs what `npm ci` doesn't bring has
 * `optIn`, what it needs in words, and is made when it is asked for by name.
 */
import { existsSync } from "node:fs";

const vitest = (...args) => ["npx", "vitest", "run", ...args];
const browser = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].some(existsSync);
const pages = browser ? undefined : "no Chromium at /usr/bin/chromium";
/** Beside Debian's Chromium lie a Vulkan driver in software and its loader. */
const swiftShader = {
  LD_LIBRARY_PATH: "/usr/lib/chromium",
  VK_ICD_FILENAMES: "/usr/lib/chromium/vk_swiftshader_icd.json",
};

/** Every check on every engine, where `npm test` takes a part on some. */
const whole = { COMHE_ALL_CHECKS: "1" };

/** `inPage`: the suite is one test there, so that its checks can't be chosen. */
export const runs = {
  reference: { cwd: "packages/conformance", command: vitest("test/reference.test.ts") },
  wasm: { cwd: "packages/wasm", command: vitest("test/conformance.test.ts"), env: whole },
  native: { cwd: "packages/native", command: vitest("test/conformance.test.ts"), env: whole },
  "wasm-page": { cwd: "packages/wasm", command: vitest("test/browser.test.ts"), inPage: true, missing: pages },
  tfjs: { cwd: "packages/tfjs", command: vitest("test/conformance.test.ts"), env: whole },
  onnx: {
    cwd: "packages/onnx",
    command: vitest("test/conformance.test.ts", "test/conformance-web.test.ts"),
    env: whole,
  },
  "onnx-page": { cwd: "packages/onnx", command: vitest("test/browser.test.ts"), inPage: true, missing: pages },
  "onnx-page-whole": {
    cwd: "packages/onnx",
    command: vitest("test/browser.test.ts"),
    env: whole,
    inPage: true,
    missing: pages,
    optIn: "Chromium and a minute: every check, each of which builds its sessions",
  },
  gpujs: { cwd: "packages/gpujs", command: vitest("test/conformance.test.ts"), env: whole },
  "gpujs-page": { cwd: "packages/gpujs", command: vitest("test/browser.test.ts"), inPage: true, missing: pages },
  "gpujs-page-whole": {
    cwd: "packages/gpujs",
    command: vitest("test/browser.test.ts"),
    env: whole,
    inPage: true,
    missing: pages,
    optIn: "Chromium and six minutes: every check on a GPU in software",
  },
  "gpujs-headlessgl": {
    cwd: "packages/gpujs",
    command: ["xvfb-run", "-a", ...vitest("test/conformance.test.ts")],
    env: { MODES: "headlessgl" },
    optIn: "xvfb, and the package `gl` compiled (packages/gpujs/README.md says how)",
  },
  webgpu: { cwd: "packages/webgpu", command: vitest("test/conformance.test.ts") },
  "webgpu-page": { cwd: "packages/webgpu", command: vitest("test/browser.test.ts"), inPage: true, missing: pages },
  "webgpu-page-whole": {
    cwd: "packages/webgpu",
    command: vitest("test/browser.test.ts"),
    env: whole,
    inPage: true,
    missing: pages,
    optIn: "Chromium and three minutes: every check on a GPU in software",
  },
  "webgpu-deno": {
    cwd: "packages/webgpu",
    // A part: within the whole suite Deno 2.9.6 ends in a panic of its own (ext/webgpu/queue.rs).
    command: vitest("test/deno.test.ts"),
    inPage: true,
    optIn: "Deno on the path, or named by the variable DENO, and a Vulkan driver; Chromium's in software will do",
  },
  "webgpu-whole": {
    cwd: "packages/webgpu",
    command: vitest("test/conformance.test.ts"),
    env: whole,
    optIn: "a Vulkan, Metal or D3D12 driver, or Chromium's in software and five minutes",
  },
  "onnx-webgpu": {
    cwd: "packages/onnx",
    command: vitest("--config", "vitest.webgpu.config.ts"),
    env: existsSync(swiftShader.VK_ICD_FILENAMES) ? swiftShader : {},
    optIn: "a Vulkan, Metal or D3D12 driver; Chromium's in software will do",
  },
  "tfjs-node": {
    cwd: ".",
    command: ["npm", "run", "--silent", "test:tfjs-node", "--", "conformance"],
    optIn: "Linux, a C++ compiler and 2 GB in ~/.cache/comhe (test/runtimes/tfjs-node/README.md)",
  },
};

/** One check or more of every operation and strategy: whether a runtime works at all, in seconds. */
export const reduced = new RegExp(
  "conforms, within .* (what it says|upload|scope|linear|directions|pairwise and .*, (apart|near)|mismatch and .*, apart|" +
    "strategy (none|fixed, mean|random (gaussian|hadamard), mean|angle-preserving cosine root, unrolled|adversarial, unrolled|" +
    "group, contiguous|bilateral|pca)|awkward shapes|20 calls|a restored state)",
);
