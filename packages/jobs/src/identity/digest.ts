/** Names that follow from contents: SHA-256, as every platform has it. */
import { EnergyError } from "@comhe/core/layouts";
import { canonicalJson } from "./canonical-json.js";

/** Hex digits of a name: 128 bits of SHA-256. */
export const nameLength = 32;

/** Whether a text is a name as {@link nameOf} makes them, and nothing that could be a path or a subject of another plan. */
export const isName = (text: string): boolean => /^[0-9a-f]{32}$/.test(text);

/**
 * The name of a JSON value: a hash of it, which doesn't depend on the order of its keys.
 *
 * @throws EnergyError `unsupported` in pages that weren't fetched over https
 */
export async function nameOf(value: unknown): Promise<string> {
  // Cut as bytes: a piece of a longer text would keep all of that, for each of a hundred thousand names.
  return hexOf((await digestOf(new TextEncoder().encode(canonicalJson(value)))).subarray(0, nameLength / 2));
}

/** All 64 hex digits. @throws EnergyError `unsupported` */
export const sha256 = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> => hexOf(await digestOf(bytes));

async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const subtle = (globalThis.crypto as Crypto | undefined)?.subtle;
  if (subtle === undefined) {
    throw new EnergyError("unsupported", "Names of pieces need SHA-256, which pages have over https or on localhost.");
  }
  return new Uint8Array(await subtle.digest("SHA-256", bytes));
}

const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
