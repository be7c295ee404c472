/** `comhe doctor`: each backend computes an energy that is known, and is timed on a larger one. */
import { type Backend, bestEnergy, energyAndGradient, randomStream } from "@comhe/core";
import { backendChoices, loadProblem } from "../backends/load-backend.js";
import { ExitCode } from "./exit-code.js";
import { printResult } from "./write-result.js";

interface Finding {
  readonly backend: string;
  readonly works: boolean;
  /** What it calls itself. */
  readonly name: string | null;
  readonly problem: string | null;
  /** Energy and gradient of 1024×256 in half space. */
  readonly milliseconds: number | null;
  readonly install: string | null;
}

export async function doctorCommand({ json = false }: { json?: boolean }): Promise<number> {
  const findings: Finding[] = [];
  for (const { name, packages, load } of backendChoices) {
    const install = packages.length === 0 ? null : `npm install ${packages.join(" ")}`;
    try {
      const backend = await load();
      const problem = await knownAnswer(backend);
      const milliseconds = problem === null ? await time(backend, name === "reference" ? 1 : 3) : null;
      findings.push({ backend: name, works: problem === null, name: backend.name, problem, milliseconds, install });
    } catch (error) {
      const problem = loadProblem(error);
      findings.push({ backend: name, works: false, name: null, problem, milliseconds: null, install });
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
  const lines = findings.map(({ backend, works, name, problem, milliseconds }) =>
    works
      ? `✓ ${backend.padEnd(10)} works (${name}): ${milliseconds!.toFixed(1)} ms for 1024×256`
      : `✗ ${backend.padEnd(10)} ${problem}`,
  );
  const missing = findings.filter(({ works, install }) => !works && install !== null);
  const advice = missing.map(({ backend, install }) => `For ${backend}: ${install}`);
  const auto = findings.find(({ works }) => works)!;
  return `${[...lines, ...advice, `--backend auto takes ${auto.backend === "wasm" ? "wasm" : "reference"}.`].join("\n")}\n`;
}
