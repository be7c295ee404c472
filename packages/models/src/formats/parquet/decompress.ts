/** Decompression of Parquet's pages, to no more bytes than a page says. Snappy is in hyparquet itself; others are loaded when a file needs them. */
import type { CompressionCodec, Compressors } from "hyparquet";

/** @returns `undefined` for a codec that isn't read */
export async function compressorsFor(codec: CompressionCodec): Promise<Compressors | undefined> {
  if (codec === "UNCOMPRESSED" || codec === "SNAPPY") return {};
  if (codec === "ZSTD") {
    const { decompress } = await import("fzstd");
    return { ZSTD: (input, length) => decompress(input, new Uint8Array(length)) };
  }
  if (codec === "GZIP" || codec === "BROTLI" || codec === "LZ4" || codec === "LZ4_RAW") {
    const { compressors } = await import("hyparquet-compressors");
    return { [codec]: compressors[codec] } as Compressors;
  }
  return undefined;
}
