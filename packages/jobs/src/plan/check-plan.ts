/** Plans as they come from outside. */
import { EnergyError } from "@comhe/core/layouts";
import * as v from "valibot";
import { type Plan, planSchema, planVersion } from "./schema.js";

/** Blocks that a plan may cut a table into: its strips are counted by rows of blocks, in memory. */
const mostBlocks = 1_000_000;

/**
 * A plan that fits the schema, of this version.
 *
 * @throws EnergyError `unsupported` for a plan of another version; `invalid-config` for what is no plan
 */
export function checkPlan(value: unknown): Plan {
  const { format, version } = (value ?? {}) as { format?: unknown; version?: unknown };
  if (format === "comhe-plan" && version !== planVersion) {
    throw new EnergyError(
      "unsupported",
      `expected a plan of version ${planVersion}, got version ${JSON.stringify(version)}. Install the same @comhe/jobs everywhere.`,
      { expected: planVersion, got: version },
    );
  }
  const parsed = v.safeParse(planSchema, value);
  if (!parsed.success) throw invalid(parsed.issues[0]!);
  const plan = parsed.output as Plan;
  if (plan.kind === "table" && Math.ceil(plan.table.count / plan.block) > mostBlocks) {
    throw new EnergyError(
      "invalid-config",
      `expected at most ${mostBlocks} blocks of rows; take more rows in a block.`,
    );
  }
  if (plan.kind === "layers") {
    const missing = plan.layers.find(({ model }) => model >= plan.models.length);
    if (missing)
      throw new EnergyError(
        "invalid-config",
        `This isn't a whole plan: its layer ${missing.name} belongs to a model that the plan doesn't list. Make the plan again.`,
      );
  }
  return plan;
}

function invalid(issue: v.BaseIssue<unknown>): EnergyError {
  const path = v.getDotPath(issue) ?? "plan";
  return new EnergyError(
    "invalid-config",
    `This isn't a plan: ${path.slice(0, 200)}: ${issue.message.slice(0, 200)}.`,
    { path },
  );
}
