/**
 * A checkpoint is one file: a line that names the format, a line of JSON with everything that isn't an array and where each
 * array lies, then the arrays' bytes. The first line holds the SHA-256 of all that follows, so that a damaged file can't pass for a
 * whole one. It is written beside the old one, flushed, and renamed over it: whatever happens, a whole checkpoint is there. The
 * one before it is kept as well.
 */
import { createHash } from "node:crypto";
import * as nodeFiles from "node:fs";
import { dirname } from "node:path";
import { UserError } from "@comhe-examples/study-kit/worker";
import type { StateArray, TrainerState } from "./trainer.js";

const FORMAT = "comhe-cifar100-checkpoint-1";

export interface Checkpoint {
  readonly trainer: TrainerState;
  /** JSON: what else the run goes on with. */
  readonly run: unknown;
  /** What determines the run: a checkpoint of another run is refused. */
  readonly key: string;
}

/** What of node:fs is used: tests let it fail. */
export type Files = Pick<
  typeof nodeFiles,
  "openSync" | "writeSync" | "fsyncSync" | "closeSync" | "renameSync" | "rmSync" | "existsSync" | "mkdirSync"
>;

export const previousOf = (path: string) => `${path}.previous`;

/** @throws UserError, with the checkpoint that was there left as it was */
export function writeCheckpoint(path: string, checkpoint: Checkpoint, files: Files = nodeFiles): void {
  const parts = encode(checkpoint);
  const temporary = `${path}.writing`;
  try {
    files.mkdirSync(dirname(path), { recursive: true });
    const file = files.openSync(temporary, "w");
    try {
      for (const part of parts) {
        for (let at = 0; at < part.length; ) at += files.writeSync(file, part, at);
      }
      files.fsyncSync(file);
    } finally {
      files.closeSync(file);
    }
    if (files.existsSync(path)) files.renameSync(path, previousOf(path));
    files.renameSync(temporary, path);
  } catch (error) {
    try {
      files.rmSync(temporary, { force: true });
    } catch {}
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === "ENOSPC" ? "the disk is full" : message;
    throw new UserError(`${path}: the checkpoint of step ${checkpoint.trainer.step} can't be written: ${reason}.`);
  }
}

function encode({ trainer, run, key }: Checkpoint): Uint8Array[] {
  const arrays = Object.entries(trainer.arrays).map(([name, { shape }]) => ({ name, shape }));
  const { step, projections } = trainer;
  const header = Buffer.from(`${JSON.stringify({ key, step, projections, run, arrays })}\n`);
  const body = [header, ...Object.values(trainer.arrays).map(({ data }) => toBytes(data))];
  const hash = createHash("sha256");
  for (const part of body) hash.update(part);
  return [Buffer.from(`${FORMAT} ${hash.digest("hex")}\n`), ...body];
}

/** @throws UserError naming the file and what is wrong with it */
export function readCheckpoint(path: string): Checkpoint {
  let bytes: Buffer;
  try {
    bytes = nodeFiles.readFileSync(path);
  } catch (error) {
    throw new UserError(`${path}: can't be read (${(error as Error).message}).`);
  }
  const firstEnd = bytes.indexOf(10);
  const [format, digest] = bytes.subarray(0, Math.max(0, firstEnd)).toString("latin1").split(" ");
  if (format !== FORMAT) throw new UserError(`${path}: expected a checkpoint (${FORMAT}), got another file.`);
  const body = bytes.subarray(firstEnd + 1);
  if (createHash("sha256").update(body).digest("hex") !== digest) {
    throw new UserError(`${path}: the checkpoint is damaged: its contents don't match their SHA-256.`);
  }
  const headerEnd = body.indexOf(10);
  // The digest says that this is what was written.
  const { key, step, projections, run, arrays } = JSON.parse(body.subarray(0, headerEnd).toString("utf8"));
  let at = headerEnd + 1;
  const decoded: Record<string, StateArray> = {};
  for (const { name, shape } of arrays as { name: string; shape: number[] }[]) {
    const length = shape.reduce((product, size) => product * size, 1);
    decoded[name] = { shape, data: fromBytes(body.subarray(at, at + 4 * length)) };
    at += 4 * length;
  }
  return { key, run, trainer: { step, projections, arrays: decoded } };
}

/**
 * The latest whole checkpoint, or `undefined` where there is none.
 *
 * @param warn gets a line where the latest is damaged and the one before it is taken
 * @throws UserError where neither can be read
 */
export function readLatestCheckpoint(path: string, warn: (line: string) => void): Checkpoint | undefined {
  const there = [path, previousOf(path)].filter((each) => nodeFiles.existsSync(each));
  const problems: string[] = [];
  for (const each of there) {
    try {
      const checkpoint = readCheckpoint(each);
      for (const problem of problems)
        warn(`${problem} Going on from the one before it, of step ${checkpoint.trainer.step}.`);
      return checkpoint;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push(error.message);
    }
  }
  if (there.length === 0) return undefined;
  throw new UserError(`${problems.join("\n")}\nNo whole checkpoint is left; --fresh begins anew.`);
}

const littleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

function toBytes(data: Float32Array): Uint8Array {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return littleEndian ? bytes : Buffer.from(bytes).swap32();
}

function fromBytes(bytes: Buffer): Float32Array {
  const copy = Buffer.from(bytes);
  if (!littleEndian) copy.swap32();
  return new Float32Array(copy.buffer.slice(copy.byteOffset, copy.byteOffset + copy.byteLength));
}
