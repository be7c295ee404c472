/** Damage to a file's bytes, fixed by a seed: flipped, cut, repeated, spliced, and hostile numbers in headers. */
import type { RandomStream } from "@comhe/core";

const hostile = [
  "-1",
  "0",
  "1",
  "7",
  "1e308",
  "4294967295",
  "2147483648",
  "9007199254740993",
  "9223372036854775808",
  "null",
  '"a"',
  "[]",
];
const words = [0n, 1n, 255n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 40n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n];

export function mutate(source: Uint8Array, stream: RandomStream): Uint8Array {
  let bytes: Uint8Array = Uint8Array.from(source);
  for (let times = 1 + stream.below(3); times > 0 && bytes.length > 0; times--) bytes = once(bytes, stream);
  return bytes;
}

function once(bytes: Uint8Array, stream: RandomStream): Uint8Array {
  const at = stream.below(bytes.length);
  // Headers are most of what can go wrong.
  const early = stream.below(Math.min(bytes.length, 400));
  switch (stream.below(7)) {
    case 0:
      bytes[early] = stream.below(256);
      return bytes;
    case 1:
      bytes[at]! ^= 1 << stream.below(8);
      return bytes;
    case 2:
      return bytes.slice(0, at);
    case 3:
      return join(bytes.subarray(0, at), bytes.subarray(Math.max(0, at - stream.below(60))));
    case 4:
      return join(bytes.subarray(0, early), bytes.subarray(Math.min(bytes.length, early + 1 + stream.below(20))));
    case 5: {
      const place = stream.below(2) === 0 ? 0 : early;
      if (bytes.length < place + 8) return bytes;
      new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(place, words[stream.below(words.length)]!, true);
      return bytes;
    }
    default:
      return otherNumber(bytes, stream);
  }
}

/** One number of a text header becomes another, in place where the length has to stay. */
function otherNumber(bytes: Uint8Array, stream: RandomStream): Uint8Array {
  const text = Buffer.from(bytes).toString("latin1");
  const numbers = [...text.slice(0, 4000).matchAll(/\d+/g)];
  if (numbers.length === 0) return bytes;
  const { index, 0: old } = numbers[stream.below(numbers.length)]!;
  const value = hostile[stream.below(hostile.length)]!;
  const padded = stream.below(2) === 0 ? value : value.slice(0, old.length).padEnd(old.length);
  return Buffer.from(text.slice(0, index) + padded + text.slice(index + old.length), "latin1");
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const result = new Uint8Array(a.length + b.length);
  result.set(a);
  result.set(b, a.length);
  return result;
}
