/** A file on disk, read in pieces, at any offset. */
import { EnergyError } from "@comhe/core/layouts";
import { type Builtins, builtins } from "./builtins.js";
import type { ByteSource } from "./byte-source.js";
import { checkRange } from "./memory-source.js";

type FileHandle = Awaited<ReturnType<Builtins["fs"]["open"]>>;

/** One call reads at most 2 GiB; more ends the process, without an exception. */
const mostAtOnce = 2 ** 30;

/**
 * A file that stays open until it is closed.
 *
 * @throws EnergyError `invalid-file` for what isn't there, isn't readable, or isn't a file; `unsupported` where there are no files
 */
export async function openFileSource(file: string | URL): Promise<ByteSource> {
  const node = builtins(file);
  const path = typeof file === "string" ? file : node.url.fileURLToPath(file);
  await statOf(node, path);
  const handle = await openHandle(node, path);
  try {
    const state = await stateOf(handle, path);
    return {
      name: path,
      size: state.size,
      state: `${state.size} ${state.mtimeMs} ${state.ctimeMs}`,
      read: (from, count) => readFrom(handle, path, state, from, count),
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** A file as a source of bytes for readers whose callers close nothing: it is opened for each read, and closed after it. */
export async function passingFileSource(file: string | URL): Promise<ByteSource> {
  const node = builtins(file);
  const path = typeof file === "string" ? file : node.url.fileURLToPath(file);
  const state = await statOf(node, path);
  return {
    name: path,
    size: state.size,
    async read(from, count) {
      const handle = await openHandle(node, path);
      try {
        return await readFrom(handle, path, state, from, count);
      } finally {
        await handle.close();
      }
    },
  };
}

/** Size and time of change: a file that has others by now isn't the one whose header was read. */
interface FileState {
  readonly size: number;
  readonly mtimeMs: number;
  /** Which nothing sets back, as archives and copies set that of the contents. */
  readonly ctimeMs: number;
}

async function readFrom(handle: FileHandle, path: string, state: FileState, from: number, count: number) {
  checkRange(path, state.size, from, count);
  const { size, mtimeMs } = await handle.stat();
  if (size !== state.size || mtimeMs !== state.mtimeMs) throw changed(path);
  const bytes = new Uint8Array(count);
  let filled = 0;
  while (filled < count) {
    const { bytesRead } = await handle.read(bytes, filled, Math.min(count - filled, mostAtOnce), from + filled);
    if (bytesRead === 0) throw changed(path);
    filled += bytesRead;
  }
  return bytes;
}

function changed(path: string): EnergyError {
  return new EnergyError("invalid-file", `${path}: it changed while it was read; read it again.`);
}

async function openHandle({ fs, constants }: Builtins, path: string): Promise<FileHandle> {
  // Without waiting: opening a pipe that nobody writes to would wait for ever. Windows knows no such flag.
  return fs.open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((error: unknown) => {
    throw unreadable(path, error);
  });
}

async function statOf({ fs }: Builtins, path: string): Promise<FileState> {
  const status = await fs.stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  return checkedState(status, path);
}

async function stateOf(handle: FileHandle, path: string): Promise<FileState> {
  return checkedState(await handle.stat(), path);
}

function checkedState(status: import("node:fs").Stats, path: string): FileState {
  if (status.isDirectory()) {
    throw new EnergyError("invalid-file", `${path}: expected a file, got a folder. Name the file in it.`);
  }
  if (!status.isFile()) {
    const what = status.isFIFO() ? "a named pipe" : "something else (a device or a socket)";
    throw new EnergyError(
      "invalid-file",
      `${path}: expected a file, got ${what}, which can't be read at any offset. Copy it to a file first.`,
    );
  }
  if (status.size === 0) throw new EnergyError("invalid-file", `${path}: the file is empty.`);
  return { size: status.size, mtimeMs: status.mtimeMs, ctimeMs: status.ctimeMs };
}

function unreadable(path: string, error: unknown): EnergyError {
  const { code, message } = error as NodeJS.ErrnoException;
  const why =
    code === "ENOENT"
      ? path === "-"
        ? "standard input isn't: a model is read in parts, at any offset. Save it to a file first"
        : "there is no such file"
      : code === "EACCES" || code === "EPERM"
        ? "permission denied"
        : code === "ENXIO"
          ? "it is a socket or a device"
          : message;
  return new EnergyError("invalid-file", `${path}: can't be read (${why}).`, {}, error);
}
