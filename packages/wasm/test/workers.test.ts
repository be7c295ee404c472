/** Workers that can't start, for whatever reason: one thread computes the same, it is said once, and nothing is lost. */
import { spawnSync } from "node:child_process";
import { randomStream } from "@comhe/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { WasmBackend } from "../src/backend-options.js";
import { canShareMemory } from "../src/threads/platform.js";
import { createBackend, type EngineKind, wasmBackend } from "../src/wasm-backend.js";

const potential = { kind: "riesz", s: 1, distance: "chordal" } as const;
const pair = { potential, space: "half", separationFloor: 0.01 } as const;
const rows = randomStream(5, "workers", 0).fillNormal(new Float32Array(150 * 24));

const evaluate = async (backend: WasmBackend) => {
  const { energy, gradient } = backend.scope(() =>
    backend.pairwise(backend.directions(backend.upload(rows, [1, 150, 24]), 0), pair),
  );
  return backend.download({ energy, gradient });
};
const expected = await evaluate(createBackend({ threads: 1 }, "single"));

type Listener = (event: unknown) => void;
/** Of Web Workers and of worker_threads alike: what it does with what it is told is up to each kind. */
class Stub {
  onerror?: Listener;
  onmessage?: Listener;
  readonly listeners = new Map<string, Listener>();
  on = (name: string, listener: Listener) => void this.listeners.set(name, listener);
  fail(error: Error): void {
    this.onerror?.(error);
    this.listeners.get("error")?.(error);
  }
  postMessage(): void {}
  terminate(): void {}
  unref(): void {}
}

const denied = Object.assign(new Error("Access to this API has been restricted"), { code: "ERR_ACCESS_DENIED" });

/** How an engine says that there will be no worker. */
const refusals: Readonly<Record<string, { new (): Stub }>> = {
  "the constructor throws (Node's permission model, Electron, a policy)": class extends Stub {
    constructor() {
      super();
      throw denied;
    }
  },
  "the second one doesn't start (resource limits)": class Second extends Stub {
    static made = 0;
    constructor() {
      super();
      if (++Second.made % 2 === 0) throw new Error("ERR_WORKER_INIT_FAILED: EAGAIN");
    }
  },
  "it says so later (a policy, in Chromium)": class extends Stub {
    constructor() {
      super();
      setTimeout(() => this.fail(new Error("")), 5);
    }
  },
  "it never says anything": class extends Stub {},
};

/** In a page the module is posted, and some browsers can't: Safari 26.2. */
class Uncloneable extends Stub {
  override postMessage(): void {
    throw Object.assign(new Error("The object can not be cloned."), { name: "DataCloneError" });
  }
}

describe.each(["worker_threads", "Web Workers"])("%s", (platform) => {
  const isPage = platform === "Web Workers";
  const kinds = Object.entries({ ...refusals, ...(isPage ? { "what it is sent can't be cloned": Uncloneable } : {}) });
  const given = process.getBuiltinModule;

  function provide(worker: { new (): Stub }): void {
    if (isPage) {
      // As in a window of Electron, whose `process` is Node's.
      vi.stubGlobal("process", Object.assign(Object.create(process), { type: "renderer" }));
      vi.stubGlobal("Worker", worker);
      return;
    }
    process.getBuiltinModule = ((name: string) =>
      name === "node:worker_threads" ? { Worker: worker } : given(name)) as typeof given;
  }
  afterEach(() => {
    vi.unstubAllGlobals();
    process.getBuiltinModule = given;
  });

  describe.each<EngineKind>(["threaded", "queued"])("%s", (kind) => {
    it.each(kinds)("%s", async (_, worker) => {
      provide(worker);
      const warn = vi.fn();
      const backend = createBackend({ threads: 3, leastShared: 0, patience: 50, warn }, kind);
      for (let round = 0; round < 3; round++) {
        // The first ones in one turn, so that they wait for each other.
        const results = await Promise.all([evaluate(backend), evaluate(backend)]);
        for (const result of results) expect(result).toEqual(expected);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      // Helpers that don't come are waited for by nobody, and may come yet; a page's leader is waited for, and can't.
      const isSilent = worker === refusals["it never says anything"] && kind === "threaded";
      expect(backend.threads).toBe(isSilent ? 3 : 1);
      expect(warn.mock.calls).toHaveLength(isSilent ? 0 : 1);
      if (!isSilent)
        expect(warn.mock.calls[0]![0]).toMatch(/worker threads can't start \(.+\), so that one thread computes/);
      backend.dispose();
    });
  });
});

describe("what is said", () => {
  const warn = vi.spyOn(console, "warn");
  beforeEach(() => void warn.mockImplementation(() => undefined));
  afterEach(() => warn.mockReset());

  it("is said once by all backends, unless they were given someone to tell", async () => {
    vi.stubGlobal("process", Object.assign(Object.create(process), { type: "renderer" }));
    vi.stubGlobal("Worker", Uncloneable);
    try {
      for (let n = 0; n < 3; n++) await evaluate(createBackend({ threads: 2, leastShared: 0 }, "threaded"));
    } finally {
      vi.unstubAllGlobals();
    }
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]![0]).toContain("DataCloneError: The object can not be cloned.");
  });

  it("is refused where it isn't a function", () => {
    expect(() => wasmBackend({ warn: "no" as never })).toThrow(
      "expected warn, a function that takes a message, got string",
    );
  });
});

it("a window of Electron without cross-origin isolation has no memory to share, whatever its process says", () => {
  vi.stubGlobal("process", Object.assign(Object.create(process), { type: "renderer" }));
  expect(canShareMemory()).toBe(false);
  vi.unstubAllGlobals();
  expect(canShareMemory()).toBe(true);
});

it("memory that can't be shared: one thread, and it is said", async () => {
  const Memory = WebAssembly.Memory;
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      if (descriptor.shared) throw new RangeError("could not allocate memory");
      super(descriptor);
    }
  };
  const warn = vi.fn();
  try {
    const backend = wasmBackend({ threads: 2, warn });
    expect(backend.threads).toBe(1);
    expect(await evaluate(backend as unknown as WasmBackend)).toEqual(expected);
    expect(warn.mock.calls).toEqual([[expect.stringContaining("could not allocate memory")]]);
  } finally {
    WebAssembly.Memory = Memory;
  }
});

it("node --permission without --allow-worker", () => {
  const program = `
    const { wasmBackend } = await import(${JSON.stringify(new URL("../dist/index.js", import.meta.url).href)});
    const { energyAndGradient } = await import("@comhe/core");
    const weights = { data: new Float32Array(600 * 256).map((_, n) => Math.sin(n * n)), shape: [600, 256] };
    const energyOf = async (backend) => (await energyAndGradient(backend, {}, weights)).energy;
    const [shared, alone] = [wasmBackend({ threads: 2 }), wasmBackend({ threads: 1 })];
    console.log(await energyOf(shared) === await energyOf(alone), await energyOf(shared) === await energyOf(alone), shared.threads);`;
  const flag = process.allowedNodeEnvironmentFlags.has("--permission") ? "--permission" : "--experimental-permission";
  const args = [flag, "--allow-fs-read=*", "--input-type=module", "-e", program];
  const cwd = new URL("..", import.meta.url);
  const { stdout, stderr } = spawnSync(process.execPath, args, { timeout: 30_000, encoding: "utf8", cwd });
  expect(stdout.trim(), stderr).toBe("true true 1");
  expect(stderr.match(/worker threads can't start \(ERR_ACCESS_DENIED/g)).toHaveLength(1);
  expect(stderr).toContain("--allow-worker");
});
