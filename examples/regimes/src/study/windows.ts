/** Weights that worked on validation rows, and whether the suggested ones are among them. */
import { formatList, renderTable } from "@comhe-examples/study-kit";
import { regimeNamed } from "../regimes/all.js";
import { labelOf } from "./arms.js";
import type { RegimeRecord, Suggestion } from "./record.js";
import { baselineOf } from "./table.js";
import { meanOf } from "./tune.js";

type SuggestedArm = Suggestion["arm"];

/** Between two neighbours of a grid whose steps are factors of about three. */
const HALF_STEP = Math.sqrt(3);

export interface WeightWindow {
  /** Swept weights whose mean validation error isn't above the baseline's, in order. */
  readonly working: readonly number[];
  readonly swept: readonly number[];
}

/** Of the weights that were swept with one and the same projection, on the sweep's own seeds or else on those of tuning; none where nothing was swept. */
export function windowOf(record: RegimeRecord, arm: SuggestedArm): WeightWindow {
  const { arms } = record;
  const { trials } = record.sweep ?? record;
  const baseline = baselineOf(record);
  const chosen = JSON.stringify(arms.find((each) => each.arm === baseline)!.settings);
  const reference = trials.find((trial) => trial.arm === baseline && JSON.stringify(trial.settings) === chosen);
  const limit = reference ? meanOf(reference) : Number.NEGATIVE_INFINITY;
  const tried = trials.filter((trial) => trial.arm === arm);
  const first = JSON.stringify(tried[0]?.settings.energy);
  const all = tried.filter(({ settings }) => JSON.stringify(settings.energy) === first);
  // The chosen weight was tried again beside the projection's other sizes.
  const sweep = all.filter((trial, n) => all.findIndex((each) => each.settings.weight === trial.settings.weight) === n);
  const weightOf = ({ settings }: (typeof sweep)[number]) => settings.weight!;
  return {
    swept: sweep.map(weightOf),
    working: sweep.filter((trial) => meanOf(trial) <= limit).map(weightOf),
  };
}

/** Whether it lies between the least and the largest weight that worked, or within half a step of the grid beside them. */
export function isWithin(weight: number, { working }: WeightWindow): boolean {
  if (working.length === 0) return false;
  return weight >= Math.min(...working) / HALF_STEP && weight <= Math.max(...working) * HALF_STEP;
}

export function windowsTable(records: readonly RegimeRecord[]): string {
  const rows = records.flatMap((record) => {
    const regime = regimeNamed(record.name);
    return (record.suggestions ?? []).map(({ arm, weights, reason }, n) => {
      const window = windowOf(record, arm);
      const told = weights.filter((weight) => weight !== null);
      const inside = told.filter((weight) => isWithin(weight, window)).length;
      return [
        n === 0 ? regime.label : "",
        labelOf(arm, regime),
        told.length === 0
          ? `can't tell: ${firstClause(reason)}`
          : formatList(told.map((weight) => String(Number(weight.toPrecision(2))))),
        String(record.sweep?.seeds ?? record.tuningSeeds),
        window.swept.join(", "),
        window.working.length === 0 ? "none" : window.working.join(", "),
        told.length === 0 ? "–" : `${inside} of ${told.length}`,
      ];
    });
  });
  return renderTable(["regime", "energy", "suggested, three seeds", "seeds", "tried", "worked", "within"], rows);
}

/** Of a reason, for a table. */
function firstClause(reason = ""): string {
  return reason.split(/[,:]/)[0]!;
}
