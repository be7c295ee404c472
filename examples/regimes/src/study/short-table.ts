/** The table of the page "Does it help me?": a line for each regime, in Markdown. */
import { estimateMean, formatFixed, formatP, formatSigned } from "@comhe-examples/study-kit";
import { regimeNamed } from "../regimes/all.js";
import type { ArmName } from "./arms.js";
import type { RegimeRecord } from "./record.js";
import { baselineOf, difference, errorsOf, STRICT } from "./table.js";

/** The arms it shows, each against the baseline: what is compared with can be the worse of two, and "none" tells. */
const SHOWN = ["none", "mhe", "half-space-mhe", "random-comhe", "orthogonality"] as const satisfies readonly ArmName[];

export function shortTable(records: readonly RegimeRecord[]): string {
  const head = [
    "regime (seeds)",
    "baseline, %",
    "none",
    "MHE",
    "half-space MHE",
    "random CoMHE",
    "orthogonality",
    "random against half-space",
  ];
  const rows = records.map((record) => {
    const { label, orthogonalityLabel } = regimeNamed(record.name);
    const baseline = baselineOf(record);
    const cells = SHOWN.map((arm) => {
      const cell = arm === baseline ? "–" : cellOf(record, arm, baseline);
      return arm === "orthogonality" && orthogonalityLabel ? `${orthogonalityLabel}: ${cell}` : cell;
    });
    return [
      `${label} (${record.seeds})`,
      formatFixed(estimateMean(errorsOf(record, baseline)!).mean, 1),
      ...cells,
      cellOf(record, "random-comhe", "half-space-mhe"),
    ];
  });
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** The difference in points and its p in brackets, which stay on one line; bold where it is a finding. */
function cellOf(record: RegimeRecord, arm: ArmName, from: ArmName): string {
  const compared = difference(record, arm, from);
  if (!compared || compared.p === null) return "–";
  const text = `${formatSigned(compared.mean)}\u00a0(${formatP(compared.p)})`;
  return compared.p < STRICT ? `**${text}**` : text;
}
