/** What the main thread and a worker thread say to each other. */

export interface JobMessage {
  readonly kind: "job";
  readonly payload: unknown;
}

export type WorkerMessage =
  | { readonly kind: "progress"; readonly fraction: number }
  | { readonly kind: "done"; readonly result: unknown }
  | { readonly kind: "failed"; readonly message: string; readonly stack: string | undefined };
