/**
 * What computes in a page. On a GPU, where there is one, or on the processors: whichever takes the statistics of pairs, which audits are made of, in less time. A GPU
 * that is made of software is never faster than WebAssembly, and isn't asked unless the page's address does.
 */
import { type Backend, pairStatistics, randomStream } from "@comhe/core";
import type { AuditOptions } from "../model/audit-model.js";

export type OfferName = "webgpu" | "wasm" | "reference";

/** A backend that runs here. */
export interface Loaded {
  readonly name: OfferName;
  readonly backend: AuditOptions<unknown>["backend"];
  /** What a reader should know of it. */
  readonly about: string;
  /** Why it computes no longer; `undefined` while it does. */
  readonly lost?: (() => string | undefined) | undefined;
  readonly dispose?: (() => void) | undefined;
}

export interface Offer {
  readonly name: OfferName;
  /** @returns `undefined` where it can't run here. @param asked that it was asked for by name, whatever speaks against it */
  load(asked: boolean): Promise<Loaded | undefined>;
}

/** The fastest first, as far as their names tell. */
export const offers: readonly Offer[] = [
  {
    name: "webgpu",
    async load(asked) {
      const adapter = await globalThis.navigator?.gpu?.requestAdapter({ powerPreference: "high-performance" });
      if (!adapter || (isSoftware(adapter) && !asked)) return undefined;
      const { webgpuBackend } = await import("@comhe/webgpu");
      const backend = await webgpuBackend({ adapter });
      let lost: string | undefined;
      backend.device.lost.then(({ message }) => {
        lost = message.trim() || "the browser took it away";
      });
      return {
        name: "webgpu",
        backend: backend as Backend<unknown>,
        about: `WebGPU, ${gpuName(adapter)}`,
        lost: () => lost,
        dispose: () => backend.dispose(),
      };
    },
  },
  {
    name: "wasm",
    async load() {
      const { wasmBackend } = await import("@comhe/wasm");
      // Where threads can't start, one computes the same: `about` says how many there are.
      const backend = wasmBackend({ warn: () => {} });
      const threads = `${backend.threads} ${backend.threads === 1 ? "thread" : "threads"}`;
      const how =
        backend.build === "javascript" ? "plain JavaScript" : `WebAssembly, ${backend.build} SIMD, ${threads}`;
      const alone = globalThis.crossOriginIsolated
        ? ""
        : "; served with the headers of cross-origin isolation this page would use all processors";
      return { name: "wasm", backend: backend as Backend<unknown>, about: `${how}${alone}` };
    },
  },
  {
    name: "reference",
    async load() {
      const { referenceBackend } = await import("@comhe/core");
      const about = "plain JavaScript in float64, which is slow";
      return { name: "reference", backend: referenceBackend() as Backend<unknown>, about };
    },
  },
];

/** Of Chromium's SwiftShader and Windows' WARP, which compute on the processor. */
export function isSoftware({ info }: Pick<GPUAdapter, "info">): boolean {
  return (
    info.isFallbackAdapter ||
    /swiftshader|llvmpipe|warp|basic render|software/i.test(Object.values(named(info)).join(" "))
  );
}

const named = ({ vendor, architecture, device, description }: GPUAdapterInfo) => ({
  vendor,
  architecture,
  device,
  description,
});

function gpuName(adapter: GPUAdapter): string {
  const { vendor, architecture, description } = adapter.info;
  const name = description || [vendor, architecture].filter(Boolean).join(" ") || "a GPU that the browser doesn't name";
  return isSoftware(adapter) ? `${name}, which is software` : name;
}

/**
 * The backend that was asked for by name; else the fastest by the clock, which isn't asked where a single one is left to compare. One that can't run here or breaks as
 * it begins is passed over.
 *
 * @param without names that have failed already
 */
export async function fastestBackend(
  asked: string | undefined,
  without: ReadonlySet<OfferName> = new Set(),
  among: readonly Offer[] = offers,
): Promise<Loaded> {
  const left = among.filter(({ name }) => !without.has(name));
  const load = (offer: Offer) => offer.load(offer.name === asked).catch(() => undefined);
  const named = left.find(({ name }) => name === asked);
  const wanted = named && (await load(named));
  if (wanted) return wanted;
  let best: { readonly loaded: Loaded; readonly milliseconds: number } | undefined;
  for (const offer of left) {
    const loaded = await load(offer);
    if (!loaded) continue;
    // Without a GPU there is nothing to compare: the first that runs is the fastest.
    if (loaded.name !== "webgpu" && !best) return loaded;
    const milliseconds = await timeOf(loaded.backend).catch(() => Number.POSITIVE_INFINITY);
    const [slower, faster] =
      best && best.milliseconds <= milliseconds ? [loaded, best] : [best?.loaded, { loaded, milliseconds }];
    slower?.dispose?.();
    best = faster;
    if (loaded.name !== "webgpu") return best.loaded;
  }
  if (best) return best.loaded;
  throw new Error(
    `None of ${left.map(({ name }) => name).join(", ")} runs in this browser. Try another one, or the command: npx comhe audit.`,
  );
}

/** Milliseconds of the second of two passes over the pairs of a middling layer: the first compiles. */
async function timeOf(backend: Backend<unknown>): Promise<number> {
  const shape = [1024, 256] as const;
  const data = randomStream(1, "fastest", 0).fillNormal(new Float32Array(shape[0] * shape[1]));
  const energies = [
    { potential: { kind: "riesz", s: 2, distance: "chordal" }, space: "half", separationFloor: 0.01 },
  ] as const;
  let begin = 0;
  for (let n = 0; n < 2; n++) {
    begin = performance.now();
    await pairStatistics(backend, { data, shape }, { energies });
  }
  return performance.now() - begin;
}
