/** `comhe jobs plan`: what there is to do and what it costs, before anything starts. */
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { AuditSettings } from "@comhe/audit";
import { counted, formatCount } from "@comhe/audit/text";
import { type Backend, neuronAxes, pairStatistics, randomStream } from "@comhe/core";
import {
  type PieceRunner,
  type Plan,
  pairsOf,
  pieceAt,
  pieceCount,
  planName,
  planTable,
  type TablePlan,
} from "@comhe/jobs";
import type { ModelContents } from "@comhe/models";
import { wholeNumber } from "../command/audit-options.js";
import { UsageError } from "../command/exit-code.js";
import { layerAt, type OpenedHow, planAudit, plannedModel } from "./plan-audit.js";

export interface PlanFlags {
  readonly table?: string;
  readonly gradient?: boolean;
  readonly block?: string;
  readonly strip?: string;
  readonly workers?: string;
  readonly out?: string;
  readonly simulate?: string;
}

/** What a plan takes, by a rate that was measured here. */
export interface PlanCost {
  readonly pieces: number;
  /** Bytes that all workers read together, and that results take. */
  readonly readBytes: number;
  readonly resultBytes: number;
  /** Of one core. */
  readonly coreHours: number;
}

/** A table's options. @throws UsageError */
const tableOptions = ({ gradient = false, block, strip }: PlanFlags) => ({
  gradient,
  block: block === undefined ? undefined : wholeNumber("--block", block, 1),
  strip: strip === undefined ? undefined : wholeNumber("--strip", strip, 1),
});

/** The plan of a table that nobody stored, `10000000x64`. @throws UsageError */
export function simulatedPlan(size: string, settings: AuditSettings, flags: PlanFlags): TablePlan {
  const [, count, dim] = /^(\d+)x(\d+)$/.exec(size) ?? [];
  if (count === undefined)
    throw new UsageError(`--simulate: expected rows x numbers, such as 10000000x64, got "${size}".`);
  return planTable(settings.spec, { seed: settings.seed, count: Number(count), dim: Number(dim) }, tableOptions(flags));
}

/** The plan of one layer's energy, or of the audit of all. @throws UsageError */
export async function modelPlan(
  models: readonly ModelContents[],
  settings: AuditSettings,
  how: OpenedHow,
  flags: PlanFlags,
): Promise<Plan> {
  if (flags.table === undefined) return planAudit(models, settings, how);
  for (const contents of models) {
    const layer = contents.layers.find(({ name }) => name === flags.table);
    if (layer)
      return planTable(settings.spec, await layerAt(contents, layer, plannedModel(contents, how)), tableOptions(flags));
  }
  const names = models.flatMap(({ layers }) => layers.map(({ name }) => name));
  throw new UsageError(
    `--table ${flags.table}: there is no such layer. The layers: ${names.slice(0, 5).join(", ")}${names.length > 5 ? " …" : ""}.`,
  );
}

/** Multiplications of a layer's audit by pairs, as its time goes. */
const workOf = (count: number, dim: number) => count * count * dim + 2000 * count * dim;

/** Times a piece of a table, or a table like a layer, on one thread. */
export async function costOf(plan: Plan, backend: Backend<unknown>, runner: PieceRunner): Promise<PlanCost> {
  const pieces = pieceCount(plan);
  if (plan.kind === "table") {
    // Of a first piece kernels are compiled and files opened; the next one is timed.
    const few = { ...plan, strip: Math.min(plan.strip, 2) };
    const last = Math.min(1, pieceCount(few) - 1);
    await runner.run(few, pieceAt(few, 0));
    const piece = pieceAt(few, last);
    const begin = performance.now();
    await runner.run(few, piece);
    const rate = pairsOf(few, piece.task as never) / (performance.now() - begin);
    let pairs = 0;
    let blocks = 0;
    for (let n = 0; n < pieces; n++) {
      const { task } = pieceAt(plan, n);
      if (task.kind !== "strip") continue;
      pairs += pairsOf(plan, task);
      blocks += 1 + task.to - task.from;
    }
    const { count, dim } = plan.table;
    const rowBytes = plan.table.kind === "simulated" ? 0 : plan.block * dim * 4;
    return {
      pieces,
      readBytes: blocks * rowBytes,
      resultBytes: pieces * 450 + (plan.gradient ? pieces * Math.min(plan.block, count) * dim * 8 : 0),
      coreHours: pairs / rate / 3.6e6,
    };
  }
  if (plan.kind === "study")
    throw new UsageError("this plan holds the runs of a study, whose own program says what they cost.");
  const [count, dim] = [2048, 256];
  const rows = { data: randomStream(1, "rate", 0).fillNormal(new Float32Array(count * dim)), shape: [count, dim] };
  const request = {
    energies: [
      (plan.settings as unknown as AuditSettings).spec,
      { ...(plan.settings as unknown as AuditSettings).spec, space: "full" as const },
    ],
    angleBins: 90,
    nearest: "half" as const,
  };
  await pairStatistics(backend, rows, request);
  const begin = performance.now();
  await pairStatistics(backend, rows, request);
  const rate = workOf(count, dim) / (performance.now() - begin);
  const sizes = plan.layers.map(({ shape, layout }) => neuronAxes(shape, layout));
  const numbers = sizes.reduce((sum, each) => sum + each.count * each.dim, 0);
  const work = sizes.reduce((sum, each) => sum + workOf(each.count, each.dim), 0);
  return { pieces, readBytes: 4 * numbers, resultBytes: 12_000 * pieces, coreHours: work / rate / 3.6e6 };
}

/** What is printed. */
export async function describePlan(plan: Plan, cost: PlanCost, flags: PlanFlags, backend: string): Promise<string> {
  const workers = flags.workers === undefined ? 1 : wholeNumber("--workers", flags.workers, 1);
  const cores = availableParallelism();
  const hours = cost.coreHours / (workers * cores);
  const lines = [
    `plan      ${(await planName(plan)).slice(0, 8)}, ${plan.kind}${plan.kind === "table" ? ` of ${plan.table.count}×${plan.table.dim}, blocks of ${plan.block} rows` : ""}`,
    `pieces    ${counted(cost.pieces, "piece")}`,
    `bytes     ${cost.readBytes === 0 ? "none read (rows are drawn where they are needed)" : `at most ${formatCount(cost.readBytes)} read by all workers together`}, about ${formatCount(cost.resultBytes)} of results`,
    `time      about ${formatHours(cost.coreHours)} of one core here (${backend}); ${formatHours(hours)} on ${counted(workers, "machine")} like this one, of ${counted(cores, "core")}`,
  ];
  if (flags.out !== undefined) {
    try {
      writeFileSync(flags.out, `${JSON.stringify(plan)}\n`);
    } catch (error) {
      throw new UsageError(`--out ${flags.out}: can't be written (${(error as Error).message}).`);
    }
    lines.push(`written   ${flags.out}; \`comhe jobs run ${flags.out}\` begins`);
  }
  return `${lines.join("\n")}\n`;
}

function formatHours(hours: number): string {
  if (hours < 1 / 60) return `${Math.max(1, Math.round(hours * 3600))} s`;
  if (hours < 1) return `${Math.round(hours * 60)} min`;
  return hours < 48 ? `${hours.toFixed(1)} h` : `${(hours / 24).toFixed(1)} days`;
}
