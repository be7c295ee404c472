/** The table of all regimes, and what it says about the question whether projections help. */
import {
  estimateMean,
  formatFixed,
  formatP,
  formatSigned,
  type PairedDifference,
  pairedDifference,
  renderTable,
} from "@comhe-examples/study-kit";
import { regimeNamed } from "../regimes/all.js";
import { type ArmName, labelOf } from "./arms.js";
import type { RegimeRecord } from "./record.js";

const COLUMNS = [
  "regime",
  "arm",
  "chosen",
  "test error %",
  "± s.e.",
  "vs baseline",
  "95 % interval",
  "p",
  "wins/ties/losses",
  "energy",
] as const;

/** Tuned weight decay is what everybody has; where a regime doesn't tune it, nothing at all. */
export function baselineOf({ arms }: RegimeRecord): ArmName {
  return arms.some(({ arm }) => arm === "weight-decay") ? "weight-decay" : "none";
}

export function errorsOf({ arms }: RegimeRecord, arm: ArmName): readonly number[] | undefined {
  return arms.find((each) => each.arm === arm)?.testErrors;
}

export function difference(record: RegimeRecord, arm: ArmName, from: ArmName): PairedDifference | undefined {
  const [errors, reference] = [errorsOf(record, arm), errorsOf(record, from)];
  return errors && reference ? pairedDifference(errors, reference) : undefined;
}

export function regimesTable(records: readonly RegimeRecord[]): string {
  return renderTable(COLUMNS, records.flatMap(rowsOf));
}

function rowsOf(record: RegimeRecord): string[][] {
  const baseline = baselineOf(record);
  const regime = regimeNamed(record.name);
  return record.arms.map(({ arm, settings, testErrors, energyAfter, diverged }, n) => {
    const error = estimateMean(testErrors);
    const compared = arm === baseline ? undefined : difference(record, arm, baseline);
    return [
      n === 0 ? `${regime.label} (${record.seeds} seeds)` : "",
      diverged > 0 ? `${labelOf(arm, regime)} (${diverged} diverged)` : labelOf(arm, regime),
      chosenWords(arm, settings),
      formatFixed(error.mean),
      error.standardError === null ? "–" : formatFixed(error.standardError),
      ...differenceCells(compared),
      energyAfter === null ? "–" : formatFixed(energyAfter, 4),
    ];
  });
}

function differenceCells(of: PairedDifference | undefined): string[] {
  if (!of) return ["–", "–", "–", "–"];
  const interval = of.low === null || of.high === null ? "–" : `${formatSigned(of.low)} to ${formatSigned(of.high)}`;
  return [formatSigned(of.mean), interval, of.p === null ? "–" : formatP(of.p), `${of.wins}/${of.ties}/${of.losses}`];
}

function chosenWords(arm: ArmName, settings: RegimeRecord["arms"][number]["settings"]): string {
  const { learningRate, weightDecay, orthogonality, weight, energy } = settings;
  if (arm === "none" || arm === "weight-decay")
    return learningRate === 0 ? "–" : `rate ${learningRate}, decay ${weightDecay}`;
  if (orthogonality !== undefined) return `weight ${orthogonality}`;
  const projection = energy?.projection as { readonly dimension: number; readonly count: number } | undefined;
  return projection ? `weight ${weight}, k ${projection.dimension}, C ${projection.count}` : `weight ${weight}`;
}

/** What p-values must be below to be called a finding: there are many comparisons. */
export const STRICT = 0.01;

/**
 * For regimes whose tuned weight decay did worse on the test rows than none at all: what the energies come to against none, since a difference from
 * the baseline is partly the decay's harm there.
 */
export function againstNone(records: readonly RegimeRecord[]): string[] {
  return records
    .filter((record) => (difference(record, "none", baselineOf(record))?.mean ?? 0) < 0)
    .map((record) => {
      const regime = regimeNamed(record.name);
      const arms = (["mhe", "half-space-mhe", "random-comhe", "orthogonality"] as const).flatMap((arm) => {
        const compared = difference(record, arm, "none");
        if (compared?.p == null) return [];
        return [`${labelOf(arm, regime)} ${formatSigned(compared.mean)} (p = ${formatP(compared.p)})`];
      });
      return `${regime.label}: no weight decay did better here than the tuned one, and against it the differences are ${arms.join(", ")}.`;
    });
}

/** One sentence for each regime, and the answer to the question. */
export function conclusions(records: readonly RegimeRecord[]): string[] {
  const lines = records.map((record) => {
    const { label } = regimeNamed(record.name);
    const compared = difference(record, "random-comhe", "half-space-mhe");
    if (!compared?.p) return `${label}: random CoMHE and half-space MHE can't be compared.`;
    return `${label}: random CoMHE against half-space MHE ${formatSigned(compared.mean)} (${formatSigned(compared.low ?? 0)} to ${formatSigned(compared.high ?? 0)}, p = ${formatP(compared.p)}, ${record.seeds} seeds).`;
  });
  const found = records.filter((record) => {
    const compared = difference(record, "random-comhe", "half-space-mhe");
    return compared?.p != null && compared.p < STRICT && compared.mean < 0;
  });
  const answer =
    found.length === 0
      ? `Random CoMHE beats half-space MHE (p < ${STRICT}) in none of these ${records.length} regimes.`
      : `Random CoMHE beats half-space MHE (p < ${STRICT}) in: ${found.map(({ name }) => regimeNamed(name).label).join("; ")}.`;
  return [...lines, answer];
}
