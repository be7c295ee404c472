/** Computes pieces of one plan: a pure function of the plan, the piece and the table's numbers. */
import { auditModel } from "@comhe/audit";
import { type Backend, EnergyError } from "@comhe/core";
import type { ModelContents } from "@comhe/models";
import type { LayerTask, Piece } from "../plan/pieces.js";
import type { LayersPlan, Plan } from "../plan/schema.js";
import { type Allow, ModelShelf } from "../source/model-shelf.js";
import { BlockCache, openTable, type ReadRows } from "../source/table-reader.js";
import { runStrip } from "./strip.js";
import type { UnitBlock } from "./unit-block.js";

/** Makes one run of a study: what a study's own code exports to workers. */
export type MakeRun = (payload: unknown, report: (share: number) => void) => Promise<unknown>;

/** A study that a worker serves. */
export interface ServedStudy {
  /** A digest of its code and data. A plan with another digest is refused, since it would make other runs. */
  readonly code: string;
  /** Makes a run. */
  readonly run: MakeRun;
}

/** What a worker computes with, and what it may touch. */
export interface RunnerOptions {
  /** What computes the pieces of tables and layers. Without one, only runs of studies are computed. */
  readonly backend?: Backend<unknown> | undefined;
  /** What may be read. */
  readonly allow: Allow;
  /** Studies by name. Default: none. */
  readonly studies?: Readonly<Record<string, ServedStudy>> | undefined;
  /** How many bytes of blocks of rows are kept for the next piece. Default 256 MiB. */
  readonly mostBytes?: number | undefined;
}

/** What a piece came to. */
export interface PieceOutput {
  /** What was computed, as plain JSON; its shape depends on the piece. */
  readonly value: unknown;
  /** The gradient of a strip's rows, row major, where the plan asks for one. */
  readonly gradient?: Float64Array | undefined;
}

/** Computes pieces, keeping what the next one may need: open files, blocks of rows. */
export class PieceRunner {
  readonly #shelf: ModelShelf;
  #plan: Plan | undefined;
  #read: ReadRows | undefined;
  #cache: BlockCache<UnitBlock>;

  /**
   * Reads nothing yet.
   *
   * @param options what computes, what may be read, and how much is kept in memory
   */
  constructor(
    /** What it was made with. */
    readonly options: RunnerOptions,
  ) {
    this.#shelf = new ModelShelf({ allow: options.allow });
    this.#cache = new BlockCache(options.mostBytes ?? 2 ** 28);
  }

  /**
   * Computes a piece.
   *
   * @param tick awaited now and then with the share that is done; what it throws ends the piece
   * @throws EnergyError `unsupported` for a place that isn't allowed, or a study that isn't served; `invalid-file` for another file than planned;
   *   whatever the computation throws
   */
  async run(
    plan: Plan,
    { task }: Piece,
    tick: (share: number) => Promise<void> = async () => {},
  ): Promise<PieceOutput> {
    if (plan.kind === "table" && task.kind === "strip") {
      const backend = this.#backend();
      if (this.#plan !== plan) {
        this.#read = await openTable(plan.table, this.#shelf);
        this.#cache = new BlockCache(this.#cache.mostBytes);
        this.#plan = plan;
      }
      return runStrip(backend, plan, task, this.#read!, this.#cache, tick);
    }
    if (plan.kind === "layers" && task.kind === "layer") return { value: await this.#runLayer(plan, task, tick) };
    if (plan.kind === "study" && task.kind === "run") {
      const study = this.options.studies?.[plan.study];
      if (study === undefined || study.code !== plan.code) {
        throw new EnergyError(
          "unsupported",
          study === undefined
            ? `this worker doesn't serve the study ${plan.study}. Start its program with --serve.`
            : `the study ${plan.study} was planned with other code or data (${plan.code.slice(0, 8)}…) than this worker has (${study.code.slice(0, 8)}…). Use the same commit and data on both.`,
        );
      }
      return { value: await study.run(task.payload, (share) => void tick(share)) };
    }
    throw new EnergyError("invalid-config", `a plan of kind "${plan.kind}" has no piece of kind "${task.kind}".`);
  }

  /** Closes files. */
  close(): Promise<void> {
    return this.#shelf.close();
  }

  #backend(): Backend<unknown> {
    const { backend } = this.options;
    if (backend === undefined)
      throw new EnergyError(
        "unsupported",
        "this worker only makes runs of its study; other plans need `comhe worker`.",
      );
    return backend;
  }

  async #runLayer(plan: LayersPlan, { model, layer }: LayerTask, tick: (share: number) => Promise<void>) {
    const source = await this.#shelf.layer(model, layer.name, layer.layout, layer.fingerprint);
    const contents: ModelContents = {
      ...{ path: model.path, format: "", skipped: [], notes: [] },
      layers: [source],
      close: async () => {},
    };
    let problem: unknown;
    const controller = new AbortController();
    const { layers, failed } = await auditModel(contents, {
      backend: this.#backend(),
      settings: plan.settings as never,
      signal: controller.signal,
      onProgress(share) {
        tick(share).catch((error: unknown) => {
          problem = error;
          controller.abort();
        });
      },
    });
    if (problem !== undefined) throw problem;
    return layers[0] ?? failed[0]!;
  }
}
