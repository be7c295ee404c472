/**
 * Where bytes come from: a file, a Blob, memory or a server, all read in pieces at any offset. A format's reader knows
 * this one interface and nothing of disks and networks; it reads a tensor when it is asked for, and never a whole model.
 */
export interface ByteSource {
  /** What messages call it: the path, the file's name, or the address. */
  readonly name: string;
  /** How many bytes there are. */
  readonly size: number;
  /** Tells one version of the bytes from another, where that is known: a server's ETag. */
  readonly version?: string | undefined;
  /** Tells one state of a file from another on the same machine: its size and when it was changed. */
  readonly state?: string | undefined;
  /**
   * Reads exactly `count` bytes from `from` on, in a buffer of their own and at its start, so that typed arrays find their alignment.
   *
   * @throws EnergyError `invalid-file` where they don't lie inside, can't be had, or the source has changed since it was opened
   */
  read(from: number, count: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Gives back what it holds, a file's handle say; nothing can be read afterwards. */
  close?(): Promise<void>;
}
