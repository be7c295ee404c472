/** What tells a layer's numbers from any others: layers that are the same to the last bit, and nothing less, have the same digest. */
import type { FloatArray } from "@comhe/core";

/** Hex digits that are kept of SHA-256: 128 bits, so that nobody makes two layers that only seem the same. */
const digits = 32;

/**
 * SHA-256 over the neurons' numbers, row by row, and their type. `undefined` where the platform has none: pages that weren't fetched over https.
 *
 * @param rows `[N, d]` as they were read
 */
export async function digestOf(rows: FloatArray, dim: number): Promise<string | undefined> {
  const subtle = (globalThis.crypto as Crypto | undefined)?.subtle;
  if (subtle === undefined) return undefined;
  const bytes = new Uint8Array(rows.buffer as ArrayBuffer, rows.byteOffset, rows.byteLength);
  const numbers = new Uint8Array(await subtle.digest("SHA-256", bytes));
  const hex = Array.from(numbers, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${rows.BYTES_PER_ELEMENT * 8}-${dim}-${hex.slice(0, digits)}`;
}
