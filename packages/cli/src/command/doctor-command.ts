/** `comhe doctor`: each backend computes an energy that is known, and is timed on a larger one; on which build, by which processor. */
import { type Backend, bestEnergy, energyAndGradient, randomStream } from "@comhe/core";
import { backendChoices, loadProblem } from "../backends/load-backend.js";
import { ExitCode } from "./exit-code.js";
import { describeProcessor, type Processor, processor } from "./processor.js";
import { printResult } from "./write-result.js";

interface Finding {
  readonly backend: string;
  readonly works: boolean;
  /** What it calls itself. */
  readonly name: string | null;
  readonly problem: string | null;
  /** Which of its builds the engine takes, of a backend that has several: `"relaxed"`, say. */
  readonly build: string | null;
  /** The instruction set that it computes by, of one that has several: `"avx512"`, say. */
  readonly isa: string | null;
  /** Multiply-adds that this processor does by them on one thread, in GFLOP/s. */
  readonly peak: number | null;
  /** That it computes with, where it says so. */
  readonly threads: number | null;
  /** Energy and gradient of 1024×256 in half space. */
  readonly milliseconds: number | null;
  readonly install: string | null;
  readonly processor: Processor;
}

/** What backends say of themselves beyond the contract. */
type Described = Backend<unknown> & {
  readonly build?: string;
  readonly isa?: string;
  readonly threads?: number;
  readonly measuredPeak?: () => number;
};

export async function doctorCommand({ json = false }: { json?: boolean }): Promise<number> {
  const findings: Finding[] = [];
  const here = processor();
  for (const { name, packages, load } of backendChoices) {
    const install = packages.length === 0 ? null : `npm install ${packages.join(" ")}`;
    try {
      const backend: Described = await load();
      const problem = await knownAnswer(backend);
      const milliseconds = problem === null ? await time(backend, name === "reference" ? 1 : 3) : null;
      const { build = null, isa = null, threads = null } = backend;
      const peak = backend.measuredPeak?.() ?? null;
      const works = problem === null;
      const found = {
        backend: name,
        works,
        name: backend.name,
        problem,
        build,
        isa,
        peak,
        threads,
        milliseconds,
        install,
      };
      await backend.dispose?.();
      findings.push({ ...found, processor: here });
    } catch (error) {
      const problem = loadProblem(error);
      const nothing = { name: null, build: null, isa: null, peak: null, threads: null, milliseconds: null };
      findings.push({ backend: name, works: false, ...nothing, problem, install, processor: here });
    }
  }
  printResult(json ? `${JSON.stringify(findings, null, 2)}\n` : report(findings));
  return ExitCode.ok;
}

/** Eight orthogonal neurons in half space, scaled: the best energy there is. */
async function knownAnswer(backend: Backend<unknown>): Promise<string | null> {
  const data = new Float32Array(8 * 16);
  for (let i = 0; i < 8; i++) data[i * 16 + 2 * i] = 0.5 + i;
  const { energy, gradient } = await energyAndGradient(backend, { space: "half" }, { data, shape: [8, 16] });
  const expected = bestEnergy({ kind: "riesz", s: 2, distance: "chordal" }, "half", 8, 16)!;
  if (!(Math.abs(energy - expected) < 1e-5)) return `wrong: energy ${energy}, expected ${expected}`;
  const steepest = Math.max(...Array.from(gradient, Math.abs));
  return steepest < 1e-5 ? null : `wrong: gradient ${steepest} at a minimum, expected 0`;
}

async function time(backend: Backend<unknown>, runs: number): Promise<number> {
  const data = randomStream(1, "doctor", 0).fillNormal(new Float32Array(1024 * 256));
  const times: number[] = [];
  for (let n = 0; n <= runs; n++) {
    const begin = performance.now();
    await energyAndGradient(backend, { space: "half" }, { data, shape: [1024, 256] });
    times.push(performance.now() - begin);
  }
  // The first one warms up, unless it is the only one.
  return Math.min(...times.slice(runs > 1 ? 1 : 0));
}

function report(findings: readonly Finding[]): string {
  const peak = peakOf(findings);
  const lines = findings.map((finding) => {
    const { backend, works, problem, milliseconds } = finding;
    if (!works) return `✗ ${backend.padEnd(10)} ${problem}`;
    return `✓ ${backend.padEnd(10)} works (${described(finding, peak)}): ${milliseconds!.toFixed(1)} ms for 1024×256`;
  });
  const missing = findings.filter(({ works, install }) => !works && install !== null);
  const advice = missing.map(({ backend, install }) => `For ${backend}: ${install}`);
  const auto = automaticOf(findings);
  const { processor: here } = findings[0]!;
  const reached = peak === null ? [] : [peakLine(peak, findings.find((each) => each.peak !== null)!.isa, here.threads)];
  return `${[...lines, ...advice, `--backend auto takes ${auto}.`, describeProcessor(here), ...reached, `Node ${process.versions.node}, ${process.platform} ${process.arch}${hintOf(findings)}`].join("\n")}\n`;
}

/** The first of those that `auto` chooses among. */
function automaticOf(findings: readonly Finding[]): string {
  return (
    findings.find(({ backend, works }) => works && (backend === "native" || backend === "wasm"))?.backend ?? "reference"
  );
}

/** Flops of the energy that is timed, with its gradient. */
const flops = 3 * 1024 * 1024 * 256;

/** By the widest of the processor's instructions, on one thread; `null` where no backend can measure it. */
const peakOf = (findings: readonly Finding[]) => findings.find(({ peak }) => peak !== null)?.peak ?? null;

const peakLine = (peak: number, isa: string | null, threads: number) =>
  `Its peak by ${isa}: ${Math.round(peak)} GFLOP/s a thread, ${Math.round(peak * threads)} on all`;

/** How much the backend does of what the processor could do on all its threads. */
function shareOf({ milliseconds, processor: { threads } }: Finding, peak: number | null): string | null {
  if (peak === null || milliseconds === null) return null;
  const share = (100 * flops) / (milliseconds * 1e6) / (peak * threads);
  return `${share < 1 ? share.toFixed(1) : Math.round(share)} % of the peak`;
}

function described(finding: Finding, peak: number | null): string {
  const { name, build, isa, threads } = finding;
  const parts = [name, build && `${build} build`, isa, threads && `${threads} ${threads === 1 ? "thread" : "threads"}`];
  return [...parts, shareOf(finding, peak)].filter(Boolean).join(", ");
}

/** Relaxed SIMD, which has a fused multiply-add, is on from this version. */
const relaxedSince = 22;

function hintOf(findings: readonly Finding[]): string {
  const wasm = findings.find(({ backend }) => backend === "wasm");
  const isOlder = Number(process.versions.node.split(".")[0]) < relaxedSince;
  return wasm?.build === "baseline" && isOlder
    ? `; Node ${relaxedSince} and newer take the relaxed build, which is faster`
    : "";
}
