/** A run with all that another framework needs to repeat it, in a folder: what its files hold. */
import { join } from "node:path";
import { checkJson, readJson } from "@comhe-examples/study-kit";
import { z } from "zod";

/** JSON: settings, layers, and what every step came to. */
export const RECORDING_FILE = "recording.json";
/** float32, little endian: the initial kernels as tfjs has them, `[height, width, in, out]`, in the layers' order. */
export const WEIGHTS_FILE = "weights.bin";
/** float32, little endian: every step's images, `[batch, 32, 32, 3]`. */
export const IMAGES_FILE = "images.bin";
/** One byte for each image. */
export const LABELS_FILE = "labels.bin";
/** float32, little endian: random matrices step by step and layer by layer, `[C, k, d]`; learned ones as they are at the start. */
export const MATRICES_FILE = "matrices.bin";
/** What the other framework writes: the same steps. */
export const REPLAY_FILE = "replay.json";

const stepSchema = z.object({
  fit: z.number(),
  decay: z.number(),
  /** Weighted, by layer. */
  energies: z.record(z.string(), z.number()),
});

const layerSchema = z.object({
  name: z.string(),
  shape: z.array(z.number().int().positive()),
  /** Absent: without energy. */
  energy: z.object({ weight: z.number(), spec: z.record(z.string(), z.unknown()) }).optional(),
  /** Of its matrices, at each time that there are new ones. */
  matrices: z.tuple([z.number().int(), z.number().int(), z.number().int()]).optional(),
});

const recordingSchema = z.object({
  config: z.string(),
  label: z.string(),
  batch: z.number().int(),
  learningRates: z.array(z.number()),
  recipe: z.object({
    momentum: z.number(),
    weightDecay: z.number(),
    labelSmoothing: z.number(),
    probabilityFloor: z.number(),
    averageEpsilon: z.number(),
  }),
  layers: z.array(layerSchema),
  /** Whether matrices.bin has new ones for every step, or those of the first alone. */
  refreshed: z.boolean(),
  steps: z.array(stepSchema),
});

/** What the replay knows of itself, and the same steps in its single precision and in double precision. */
const replaySchema = z.object({
  torch: z.string(),
  float32: z.array(stepSchema),
  float64: z.array(stepSchema),
});

export type Recording = z.infer<typeof recordingSchema>;
export type RecordedStep = z.infer<typeof stepSchema>;
export type RecordedLayer = z.infer<typeof layerSchema>;
export type Replay = z.infer<typeof replaySchema>;

/** @throws UserError that names the file */
export function readRecording(folder: string): { readonly recording: Recording; readonly replay: Replay } {
  const read = <S extends z.ZodType>(schema: S, name: string): z.infer<S> => {
    const path = join(folder, name);
    return checkJson(schema, readJson(path), path);
  };
  return { recording: read(recordingSchema, RECORDING_FILE), replay: read(replaySchema, REPLAY_FILE) };
}
