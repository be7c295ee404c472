/** A file that is read in pieces, at any offset; it stays open for as long as it is audited. */
import { type FileHandle, open } from "node:fs/promises";
import { EnergyError } from "@comhe/core/layouts";

export interface ByteFile {
  readonly path: string;
  readonly size: number;
  /** Exactly `length` bytes from `offset`. @throws EnergyError `invalid-file` where the file ends before */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/** @throws EnergyError `invalid-file` for what isn't there, isn't readable, or isn't a file */
export async function openByteFile(path: string): Promise<ByteFile> {
  let handle: FileHandle;
  try {
    handle = await open(path, "r");
  } catch (error) {
    throw new EnergyError("invalid-file", `${path}: can't be read (${explain(error)}).`, {}, error);
  }
  const status = await handle.stat();
  if (!status.isFile()) {
    await handle.close();
    throw new EnergyError(
      "invalid-file",
      status.isDirectory()
        ? `${path}: expected a file, got a folder. Name the file in it, such as ${path.replace(/\/+$/, "")}/model.json.`
        : `${path}: expected a file, got something else (a device or a pipe). Copy it to a file first.`,
    );
  }
  if (status.size === 0) {
    await handle.close();
    throw new EnergyError("invalid-file", `${path}: the file is empty.`);
  }
  const { size } = status;
  return {
    path,
    size,
    async read(offset, length) {
      if (offset < 0 || length < 0 || offset + length > size) throw cutShort(path, offset + length, size);
      const bytes = new Uint8Array(length);
      let filled = 0;
      while (filled < length) {
        // One call reads at most 2 GiB.
        const { bytesRead } = await handle.read(bytes, filled, Math.min(length - filled, 2 ** 30), offset + filled);
        if (bytesRead === 0) throw cutShort(path, offset + length, offset + filled);
        filled += bytesRead;
      }
      return bytes;
    },
    close: () => handle.close(),
  };
}

function cutShort(path: string, expected: number, got: number): EnergyError {
  return new EnergyError(
    "invalid-file",
    `${path}: it is cut short: expected at least ${expected} bytes, got ${got}. Copy or download it again.`,
  );
}

function explain(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EACCES" || code === "EPERM") return "permission denied";
  return message;
}
