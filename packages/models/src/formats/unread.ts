/**
 * What people have that isn't read: named, with what to do instead. A file that is none of the formats is held against this
 * list, so that nobody is told of a damaged file that is a sound one of another kind.
 */
import type { ZipEntry } from "../zip/zip-entry.js";
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

/** The same of zip archives, by the files in them. */
export const unreadArchives: readonly {
  readonly what: string;
  readonly instead: string;
  readonly test: (entries: readonly ZipEntry[]) => boolean;
}[] = [
  {
    what: "a program of torch.export (.pt2)",
    instead: "Save its weights: torch.save(exported.state_dict, …).",
    test: (entries) =>
      entries.some(({ name }) => /(^|\/)archive_format$|(^|\/)serialized_exported_program\.json$/.test(name)),
  },
  {
    what: "a TorchScript file of PyTorch before 1.4",
    instead: "Load it by torch.jit.load and save it again.",
    test: (entries) =>
      entries.some(({ name }) => /^[^/]+\/model\.json$/.test(name)) &&
      entries.some(({ name }) => /^[^/]+\/tensors\/\d+$/.test(name)),
  },
  {
    what: "a package of torch.package",
    instead: "Load its model and save the weights: torch.save(model.state_dict(), …).",
    test: (entries) => entries.some(({ name }) => /(^|\/)\.data\/extern_modules$/.test(name)),
  },
];
