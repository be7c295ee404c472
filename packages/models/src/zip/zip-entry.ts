/** A file in a zip archive, read like any other bytes. */
export interface ZipEntry {
  /** With its folders, as the archive has it. */
  readonly name: string;
  /** Unpacked, in bytes. */
  readonly size: number;
  /** Whether it lies there uncompressed, so that a part costs no more than that part. */
  readonly stored: boolean;
  /**
   * Exactly `count` unpacked bytes from `from`. Of a compressed entry, all that lies before them is unpacked, too.
   *
   * @throws EnergyError `invalid-file` where it is damaged, encrypted, or unpacks to more than is allowed
   */
  read(from: number, count: number): Promise<Uint8Array<ArrayBuffer>>;
}
