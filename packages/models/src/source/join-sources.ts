/** Files that follow one another as one stretch of bytes. */

import type { ByteSource } from "./byte-source.js";
import { checkRange } from "./memory-source.js";

export function joinSources(name: string, files: readonly ByteSource[]): ByteSource {
  const size = files.reduce((total, file) => total + file.size, 0);
  return {
    name,
    size,
    async read(from, count) {
      checkRange(name, size, from, count);
      const parts: { file: ByteSource; from: number; count: number; to: number }[] = [];
      let begin = 0;
      for (const file of files) {
        const first = Math.max(from, begin);
        const last = Math.min(from + count, begin + file.size);
        if (first < last) parts.push({ file, from: first - begin, count: last - first, to: first - from });
        begin += file.size;
      }
      if (parts.length === 1) return parts[0]!.file.read(parts[0]!.from, count);
      const result = new Uint8Array(count);
      for (const part of parts) result.set(await part.file.read(part.from, part.count), part.to);
      return result;
    },
  };
}
