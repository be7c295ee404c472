/**
 * `npm run compare --workspace=benchmarks -- <before> <after>`: whether anything got slower between two built checkouts of this repository, call by
 * call in one process, by the median of paired ratios. Both must give the same energy before they are timed.
 */
import "../relaxed-simd.js";
import { parseArgs } from "node:util";
import { UsageError } from "../command-line.js";
import { milliseconds } from "../format.js";
import { plainTable } from "../print.js";
import { type Checkout, loadCheckout } from "./checkout.js";
import { type CompareCase, cases, type Way, waysOf } from "./contenders.js";
import { comparePaired, type Paired } from "./paired.js";

const help = `Compares two built checkouts of this repository, interleaved in one process, by the median of paired ratios.

  npm run compare --workspace=benchmarks -- <before> <after> [flags]

  --cases <a,b>    only cases whose id contains one of these: ${cases.map(({ id }) => id).join(", ")}
  --ways <a,b>     only ways whose id contains one of these: wasm-baseline-1, wasm-relaxed-2, onnx-2
  --seconds <s>    for each row of the table (2)
  --limit <p>      percent that nothing may be slower by (3); if something is, the exit code is 1`;

interface Row {
  readonly name: string;
  readonly gradient: Paired;
  readonly energy: Paired;
}

async function main(): Promise<void> {
  const text = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { cases: text, ways: text, seconds: text, limit: text, help: { type: "boolean" } },
  });
  if (values.help) return console.log(help);
  const [before, after] = positionals;
  if (!before || !after || positionals.length > 2) throw new UsageError(`expected two folders.\n\n${help}`);
  const [seconds, limit] = [positive("seconds", values.seconds, 2), positive("limit", values.limit, 3)];
  const checkouts = [await loadCheckout(before), await loadCheckout(after)] as const;
  const chosen = <T extends { readonly id: string }>(all: readonly T[], wanted: string | undefined) =>
    all.filter(({ id }) => !wanted || wanted.split(",").some((part) => id.includes(part)));
  const rows: Row[] = [];
  for (const each of chosen(cases, values.cases)) {
    for (const way of chosen(waysOf(["baseline", "relaxed"]), values.ways)) {
      rows.push(await compare(each, way, checkouts, seconds));
    }
  }
  if (rows.length === 0) throw new UsageError("--cases, --ways: nothing is called so. See --help.");
  print(rows);
  const slower = rows.flatMap(({ name, gradient, energy }) =>
    [gradient, energy].some(({ ratio }) => ratio > 1 + limit / 100) ? [name] : [],
  );
  console.log(
    slower.length > 0 ? `more than ${limit} % slower: ${slower.join(", ")}` : `nothing is more than ${limit} % slower`,
  );
  process.exitCode = slower.length > 0 ? 1 : 0;
}

function positive(flag: string, text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (!(value > 0 && Number.isFinite(value)))
    throw new UsageError(`--${flag}: expected a number above 0, got "${text}".`);
  return value;
}

async function compare(
  { id, count, dim, config }: CompareCase,
  way: Way,
  checkouts: readonly [Checkout, Checkout],
  seconds: number,
): Promise<Row> {
  const name = `${id} ${way.id}`;
  const data = checkouts[1].core.randomStream(1, id, 0).fillNormal(new Float32Array(count * dim));
  const weights = { data, shape: [count, dim] };
  const opened = [await way.make(checkouts[0]), await way.make(checkouts[1])] as const;
  try {
    const [before, after] = opened.map((backend) => backend.evaluator(config)) as [Evaluator, Evaluator];
    const energies = [await before.energy(weights), await after.energy(weights)].map(Number);
    if (!(Math.abs(energies[0]! / energies[1]! - 1) < 1e-5)) {
      throw new Error(`${name}: energies ${energies.join(" before and ")} after, which must agree`);
    }
    const gradient = await comparePaired(
      async () => before.evaluate(weights),
      async () => after.evaluate(weights),
      { seconds },
    );
    const energy = await comparePaired(
      async () => before.energy(weights),
      async () => after.energy(weights),
      { seconds },
    );
    return { name, gradient, energy };
  } finally {
    for (const { close } of opened) await close();
  }
}

type Evaluator = ReturnType<Checkout["core"]["createEvaluator"]>;

function print(rows: readonly Row[]): void {
  const shown = rows.flatMap(({ name, gradient, energy }) => [
    [`${name}, with gradient`, ...cells(gradient), ""],
    [`${name}, energy alone`, ...cells(energy), (energy.after / gradient.after).toFixed(3)],
  ]);
  const head = ["", "pairs", "before ms", "after ms", "after ÷ before", "quartiles", "least CPU", "alone ÷ with"];
  console.log(plainTable(head, shown));
}

function cells({ pairs, before, after, ratio, quartiles, cpuRatio }: Paired): string[] {
  const range = quartiles.map((value) => value.toFixed(3)).join("–");
  return [String(pairs), milliseconds(before), milliseconds(after), ratio.toFixed(3), range, cpuRatio.toFixed(3)];
}

try {
  await main();
} catch (error) {
  if (!(error instanceof UsageError) && (error as { code?: string }).code !== "ERR_PARSE_ARGS_UNKNOWN_OPTION")
    throw error;
  console.error((error as Error).message);
  process.exitCode = 2;
}
