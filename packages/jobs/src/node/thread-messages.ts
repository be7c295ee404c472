/** What the main thread and a thread that computes say to each other. */
import type { Plan } from "../plan/schema.js";

/** What a thread starts with. */
export interface ThreadSettings {
  /** The name of the backend, for the entry's `loadBackend`. */
  readonly backend: string;
  /** Folders and addresses that may be read. */
  readonly allow: readonly string[];
  /** How many bytes of blocks of rows are kept for the next piece; `undefined`: 256 MiB. */
  readonly mostBytes: number | undefined;
  /** For the entry file's own use, as `workerData.data`: plain data that this package doesn't look at. */
  readonly data?: unknown;
}

export type ToThread =
  | { readonly kind: "plan"; readonly plan: Plan }
  | { readonly kind: "piece"; readonly number: number };

export type FromThread =
  | { readonly kind: "ready"; readonly backend: string }
  | { readonly kind: "progress"; readonly share: number }
  | {
      readonly kind: "done";
      readonly value: unknown;
      readonly gradient: Float64Array | undefined;
      readonly milliseconds: number;
    }
  | { readonly kind: "failed"; readonly message: string; readonly code: string };
