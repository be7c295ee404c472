/**
 * What people have that isn't read: named, with what to do instead. A file that is none of the formats is held against this
 * list, so that nobody is told of a damaged file that is a sound one of another kind.
 */
import { startsWith } from "./starts-with.js";

export interface UnreadKind {
  /** "an HDF5 file (Keras)" */
  readonly what: string;
  readonly instead: string;
  readonly test: (start: Uint8Array, name: string, size: number) => boolean;
}

export const unreadKinds: readonly UnreadKind[] = [
  { what: "a gzip file", instead: "Unpack it first.", test: (start) => startsWith(start, "\x1f\x8b") },
  {
    what: "a TensorFlow Lite file",
    instead: "Use the model it was made from.",
    test: (start) => startsWith(start, "TFL3", 4),
  },
];
