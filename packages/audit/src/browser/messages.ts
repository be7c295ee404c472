/** What the page and its worker say to each other. Everything in it can be cloned; files are handed over by reference, not copied. */
import type { LayerChange, UnknownChange } from "../compare/weight-changes.js";
import type { AuditReport } from "../model/audit-report.js";

/** A model that was chosen: its file, and all that lies beside it, named by their paths from its folder. */
export interface GivenModel {
  /** Unlike that of the others; what the report calls it. */
  readonly path: string;
  readonly file: File;
  readonly beside: readonly File[];
}

export type ToWorker =
  /** Opens models and says what they hold. An address is read from its server. */
  | { readonly type: "open"; readonly models: readonly (GivenModel | { readonly address: string })[] }
  /** Audits those of the opened ones whose paths these are; on a backend by its name, or on the fastest. */
  | {
      readonly type: "audit";
      readonly paths: readonly string[];
      readonly base: string | undefined;
      readonly backend: string | undefined;
    }
  /** Says how the numbers of two models differ that were audited together. */
  | { readonly type: "compare"; readonly before: string; readonly after: string }
  /** Ends the audit after the part that is being computed, with what is done. */
  | { readonly type: "cancel" };

/** A model that could be opened. */
export interface OpenedModel {
  readonly path: string;
  readonly format: string;
  readonly layers: number;
  readonly weights: number;
  readonly skipped: number;
  readonly notes: readonly string[];
}

export type FromWorker =
  /** It hears from now on. */
  | { readonly type: "started" }
  | { readonly type: "opened"; readonly model: OpenedModel }
  | { readonly type: "refused"; readonly path: string; readonly problem: string }
  | { readonly type: "ready" }
  /** An audit begins, or goes on with another backend: layers that are done are told again. */
  | { readonly type: "begin"; readonly layers: number; readonly backend: string }
  | { readonly type: "progress"; readonly done: number; readonly layer: string }
  | { readonly type: "layer"; readonly name: string; readonly text: string; readonly done: number }
  | { readonly type: "report"; readonly report: AuditReport }
  | { readonly type: "changes"; readonly changes: readonly (LayerChange | UnknownChange)[] }
  | { readonly type: "failed"; readonly problem: string };
