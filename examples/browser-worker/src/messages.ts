/** What the page and its worker thread say to each other. */
import type { GuestPiece } from "@comhe/jobs/page";

export interface Start {
  readonly server: string;
  /** Empty: without credentials. */
  readonly user: string;
  readonly password: string;
  readonly name: string;
  /** WebGPU, even where it is software. */
  readonly forceGpu: boolean;
}

export type ToThread = ({ readonly kind: "start" } & Start) | { readonly kind: "stop" };

export type FromThread =
  | { readonly kind: "backend"; readonly words: string }
  | { readonly kind: "connected" }
  | ({ readonly kind: "piece" } & GuestPiece)
  | { readonly kind: "log"; readonly line: string }
  | { readonly kind: "ended"; readonly taken: number }
  | { readonly kind: "failed"; readonly message: string };
