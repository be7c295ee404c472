/**
 * Tokens of byte-level vocabularies as text. GPT-2's tokenizer writes each byte as a printable character, so that "Ġthe" is " the": printable bytes
 * stand for themselves, the others for the characters from U+0100 on, in order (Radford et al. 2019, `bytes_to_unicode`).
 */

const byteOf = new Map<string, number>();
for (let byte = 0, next = 256; byte < 256; byte++) {
  const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  byteOf.set(String.fromCodePoint(printable ? byte : next++), byte);
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The token's bytes as text; parts of a character, which are no text, as `<0xE2>`. Tokens of other alphabets stay as they are. */
export function fromByteLevel(token: string): string {
  const bytes: number[] = [];
  for (const character of token) {
    const byte = byteOf.get(character);
    if (byte === undefined) return token;
    bytes.push(byte);
  }
  try {
    return utf8.decode(Uint8Array.from(bytes));
  } catch {
    return bytes
      .map((byte) =>
        byte >= 32 && byte < 127
          ? String.fromCharCode(byte)
          : `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`,
      )
      .join("");
  }
}
