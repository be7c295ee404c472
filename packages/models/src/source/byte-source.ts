/**
 * Where bytes come from: a file, a Blob, memory or a server, all read in pieces at any offset. A format's reader knows
 * this one interface and nothing of disks and networks; it reads a tensor when it is asked for, and never a whole model.
 */
export interface ByteSource {
  /** For messages: the path, the file's name, or the address. */
  readonly name: string;
  /** Length in bytes. */
  readonly size: number;
  /** Tells one version of it from another, where that is known: a server's ETag. */
  readonly version?: string | undefined;
  /**
   * Exactly `count` bytes from `from`, in memory of their own: at its start, so that typed arrays find their alignment.
   *
   * @throws EnergyError `invalid-file` where they don't lie inside, can't be had, or the source has changed since it was opened
   */
  read(from: number, count: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Gives back what it holds, such as a file's handle; nothing can be read afterwards. */
  close?(): Promise<void>;
}
