/** A file in a zip archive, read like any other bytes. */
export interface ZipEntry {
  /** The file's name with its folders, as the archive has it. */
  readonly name: string;
  /** How many bytes it has when it is unpacked. */
  readonly size: number;
  /** Whether it lies in the archive uncompressed, so that reading a part costs no more than that part. */
  readonly stored: boolean;
  /**
   * Reads exactly `count` unpacked bytes from `from` on. In a compressed file, all that lies before them is unpacked, too.
   *
   * @throws EnergyError `invalid-file` where it is damaged, encrypted, or unpacks to more than is allowed
   */
  read(from: number, count: number): Promise<Uint8Array<ArrayBuffer>>;
}
