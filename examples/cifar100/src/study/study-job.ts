/** What a run of the study is, and what its worker thread is told beside it. */
import type { RunSettings } from "../command-line.js";
import type { RunConfig } from "../config.js";

/** All that a run depends on besides data, code and backend. */
export interface StudyJob {
  readonly config: RunConfig;
  readonly settings: RunSettings;
}

/** Of this machine. */
export interface StudyOwn {
  /** Folder of the images. */
  readonly data: string;
  /** The TensorFlow.js that is tried first, and the backend that it has to be. */
  readonly prefer: string | undefined;
  readonly backend: string;
  /** Folder of checkpoints, and steps between two. */
  readonly checkpoints: string;
  readonly checkpointEvery: number;
  /** Of code and data: a checkpoint made by others is refused. */
  readonly code: string;
}
