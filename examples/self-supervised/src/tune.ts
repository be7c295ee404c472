/** Chooses each arm's weight on validation rows, on seeds that are not among the reported ones. */
import { existsSync, writeFileSync } from "node:fs";
import { formatFixed, readJson, renderTable, selectArms } from "@comhe-examples/study-kit";
import { type Arm, loadArms, weightsToTry } from "./arms.js";
import type { CommandLine } from "./command-line.js";
import { ARMS_FILE, TUNING_FILE } from "./paths.js";
import { FIRST_TUNING_SEED } from "./regime.js";
import { summarizeArms } from "./summary.js";
import { trainAll } from "./train-all.js";

export async function tune(line: CommandLine, signal: AbortSignal): Promise<void> {
  const weights = weightsToTry(ARMS_FILE);
  const arms = selectArms(loadArms(ARMS_FILE, TUNING_FILE, line.dimension), line.arms).filter(
    ({ spreading }) => spreading,
  );
  const candidates = arms.flatMap((arm) =>
    weights.map((weight): Arm => ({ ...arm, name: `${arm.name}, ${weight}`, weight })),
  );
  const seeds = Array.from({ length: line.seeds }, (_, n) => FIRST_TUNING_SEED + n);
  const summaries = summarizeArms(await trainAll(candidates, seeds, line, signal));
  const errors = arms.map((_, n) =>
    summaries.slice(n * weights.length, (n + 1) * weights.length).map(({ validationError }) => validationError.mean),
  );
  console.log(
    renderTable(
      ["validation error %, by weight", ...weights.map(String)],
      arms.map(({ label }, n) => [label, ...errors[n]!.map((error) => formatFixed(error))]),
    ),
  );
  const saved = existsSync(TUNING_FILE)
    ? (readJson(TUNING_FILE) as { chosen: Record<string, Record<string, number>> })
    : { chosen: {} };
  arms.forEach(({ name, label }, n) => {
    const best = weights[errors[n]!.indexOf(Math.min(...errors[n]!))]!;
    if (best === weights[0] || best === weights[weights.length - 1])
      console.error(
        `${label}: the best weight, ${best}, lies at an end of the grid: add values beyond it and run this again.`,
      );
    saved.chosen[name] = { ...saved.chosen[name], [line.dimension]: best };
  });
  writeFileSync(TUNING_FILE, `${JSON.stringify(saved, null, 2)}\n`);
  console.log(`Written: ${TUNING_FILE}`);
}
