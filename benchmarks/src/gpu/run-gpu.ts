/** The whole run on one adapter, in Node and in pages: the suite, the peak, then every shape with all contestants in turns. */
import { conformanceChecks, runChecks } from "@comhe/conformance/checks";
import { webgpuBackend } from "@comhe/webgpu";
import { type Contender, interleave } from "../harness.js";
import { type Contestant, contestants, type OnnxRuntime, type OpenContestant } from "./contestants.js";
import type { GpuMeasurement, GpuResults, GpuShapeResult } from "./gpu-results.js";
import { type KnownRows, knownEnergy, knownRows } from "./known-energy.js";
import { measurePeak } from "./peak.js";
import { flopsOf, type GpuShape, nameOf } from "./shapes.js";

export interface GpuRunOptions {
  readonly gpu: GPU;
  readonly runtime: string;
  readonly onnxRuntime: OnnxRuntime;
  readonly shapes: readonly GpuShape[];
  /** A contestant whose step would take longer isn't asked. */
  readonly seconds: number;
  /** For the steps of a contestant at one size; it has one at least. */
  readonly spend: number;
  /** Which checks of the suite are run, by their names; none: no suite. */
  readonly checks: RegExp | undefined;
  /** Ids of contestants; left out: all. */
  readonly only?: readonly string[] | undefined;
  /** Told what is being done. */
  readonly say: (line: string) => void;
}

/** What float32 may be off by, as the README of `@comhe/webgpu` states it. */
const tolerance = { energy: 1e-5, gradient: 1e-4, near: 5e-3 };
/** Steps of each contestant at most. */
const mostRounds = 12;

export async function runGpu(options: GpuRunOptions): Promise<GpuResults> {
  const { gpu, runtime, checks, shapes, onnxRuntime, only, say } = options;
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new Error("WebGPU is there, but no adapter: no GPU, or none that its drivers let WebGPU use.");
  const { vendor, architecture, device, description } = adapter.info;
  say(`adapter: ${[vendor, architecture, device, description].filter(Boolean).join(", ")}`);
  const conformance = checks ? await conform(checks, say) : { run: 0, failed: [] };
  const ofPeak = await adapter.requestDevice();
  const peakFlops = await measurePeak(ofPeak);
  ofPeak.destroy();
  say(`peak of multiply-adds: ${(peakFlops / 1e9).toFixed(0)} GFLOP/s`);
  const chosen = contestants(onnxRuntime).filter(({ id }) => only?.includes(id) ?? true);
  /** Operations a second that each was seen to do. */
  const speeds = new Map<string, number>();
  const found: GpuShapeResult[] = [];
  for (const shape of shapes) {
    say(nameOf(shape));
    const rows = knownRows(shape.count, shape.dim);
    found.push({ ...shape, measurements: await measureShape(rows, chosen, { ...options, peakFlops, speeds }) });
  }
  return {
    schema: "comhe-gpu-1",
    date: new Date().toISOString().slice(0, 10),
    adapter: {
      ...{ vendor, architecture, device, description },
      isFallback: adapter.info.isFallbackAdapter === true,
      features: [...adapter.features].sort(),
    },
    runtime,
    peakFlops,
    conformance,
    shapes: found,
  };
}

async function conform(only: RegExp, say: (line: string) => void): Promise<GpuResults["conformance"]> {
  const backend = await webgpuBackend();
  const checks = conformanceChecks({ name: "webgpu", create: () => webgpuBackend(), tolerance }).filter(({ name }) =>
    only.test(name),
  );
  say(`conformance: ${checks.length} checks`);
  const outcomes = await runChecks(checks, backend);
  backend.dispose();
  const failed = outcomes.flatMap(({ name, error }) => (error === undefined ? [] : [`${name}: ${error}`]));
  for (const line of failed) say(`failed: ${line}`);
  return { run: outcomes.length, failed };
}

interface Ready extends OpenContestant {
  readonly contestant: Contestant;
  readonly energyError: number;
}

async function measureShape(
  rows: KnownRows,
  chosen: readonly Contestant[],
  {
    seconds,
    spend,
    peakFlops,
    speeds,
    say,
  }: GpuRunOptions & { readonly peakFlops: number; readonly speeds: Map<string, number> },
): Promise<GpuMeasurement[]> {
  const expected = knownEnergy(rows);
  const skipped = new Map<string, string>();
  const ready: Ready[] = [];
  for (const contestant of chosen) {
    const { id, name, withGradient } = contestant;
    const speed = speeds.get(id);
    const foreseen = speed === undefined ? 0 : flopsOf(rows, withGradient) / speed;
    if (foreseen > seconds) {
      skipped.set(id, `a step would take about ${foreseen.toFixed(0)} s by the speed at the size before`);
      continue;
    }
    let opened: OpenContestant | undefined;
    try {
      opened = await contestant.open(rows);
      // The first compiles kernels, the second is timed for what is foreseen of larger sizes.
      await opened.step();
      const start = performance.now();
      const { energy } = await opened.step();
      const time = (performance.now() - start) / 1000;
      speeds.set(id, flopsOf(rows, withGradient) / time);
      const energyError = Math.abs(energy / expected - 1);
      say(`  ${name}: ${(1000 * time).toFixed(0)} ms, energy off by ${energyError.toExponential(0)}`);
      if (!(energyError < 1e-3))
        throw new Error(`its energy is ${energy}, not ${expected}: wrong, so that it isn't timed`);
      ready.push({ contestant, ...opened, energyError });
    } catch (error) {
      await opened?.close();
      skipped.set(id, oneLine(error));
      say(`  ${name}: ${skipped.get(id)}`);
    }
  }
  const contenders = ready.map(
    ({ contestant, step }): Contender => ({ name: contestant.id, run: async () => void (await step()) }),
  );
  const timings = await interleave(contenders, { rounds: mostRounds, warmUp: 0, seconds: spend });
  for (const { close } of ready) await close();
  return chosen.map(({ id, name, withGradient }): GpuMeasurement => {
    const at = ready.findIndex(({ contestant }) => contestant.id === id);
    if (at < 0) return { id, name, withGradient, skipped: skipped.get(id)! };
    const { best, median, calls } = timings[at]!;
    const share = flopsOf(rows, withGradient) / (best / 1000) / peakFlops;
    return { id, name, withGradient, best, median, calls, share, energyError: ready[at]!.energyError };
  });
}

function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n")[0]!.slice(0, 300);
}
