/** CRC-32 as in zip files (ISO 3309, polynomial 0xEDB88320), a byte at a time. */
const table = Int32Array.from({ length: 256 }, (_, n) => {
  let value = n;
  for (let bit = 0; bit < 8; bit++) value = (value & 1) !== 0 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** @param before the sum of what came before */
export function crc32(bytes: Uint8Array, before = 0): number {
  let sum = ~before;
  for (let n = 0; n < bytes.length; n++) sum = table[(sum ^ bytes[n]!) & 255]! ^ (sum >>> 8);
  return ~sum >>> 0;
}
