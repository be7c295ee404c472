/** The streams: known answers, the keystream by an independent ChaCha8, independence, and the distributions drawn from them. */
import { describe, expect, it } from "vitest";
import { chacha8Block } from "../../test/support/chacha8.js";
import { type RandomStream, randomStream } from "./random-stream.js";

const words = (stream: RandomStream, count: number) => Array.from({ length: count }, () => stream.word());

describe("known answers: these numbers are a promise, a seed in a saved file depends on them", () => {
  it("words", () => {
    expect(words(randomStream(7, "dense_1", 3), 8)).toEqual([
      1465598482, 2620975134, 2472376196, 3395249829, 3300858319, 2687609813, 3387949485, 2094143640,
    ]);
  });

  it("normal numbers", () => {
    expect([...randomStream(7, "", 0).fillNormal(new Float32Array(6))]).toEqual([
      -0.03850586339831352, 0.5289478302001953, -0.22958774864673615, -0.31414929032325745, 0.25821784138679504,
      0.013190682046115398,
    ]);
  });

  it("signs", () => {
    const signs = randomStream(7, "", 0).fillSigns(new Float32Array(16));
    expect([...signs].join()).toBe("1,1,1,1,1,1,1,-1,-1,1,-1,-1,-1,-1,-1,1");
  });
});

describe("the keystream of ChaCha8", () => {
  it("our second implementation gives the published block for a key and nonce of zeros", () => {
    // draft-strombergson-chacha-test-vectors-01, TC1, 256 bit key, 8 rounds.
    const block = chacha8Block(new Array(8).fill(0), [0, 0, 0], 0);
    expect(Buffer.from(block.buffer).toString("hex")).toBe(
      "3e00ef2f895f40d67f5bb8e81f09a5a12c840ec3ce9a7f3b181be188ef711a1e" +
        "984ce172b9216f419f445367456d5619314a42a3da86b001387bfdb80e0cfe42",
    );
  });

  it("is what a stream reads: key (seed, FNV-1a of the name), nonce (index), blocks counted from 0", () => {
    const seed = 2 ** 40 + 5;
    const index = 2 ** 33 + 9;
    // FNV-1a, 64 bit, of "a": published.
    const name = 0xaf63dc4c8601ec8cn;
    const key = [
      seed % 2 ** 32,
      Math.floor(seed / 2 ** 32),
      Number(name & 0xffffffffn),
      Number(name >> 32n),
      0,
      0,
      0,
      0,
    ];
    const nonce = [index % 2 ** 32, Math.floor(index / 2 ** 32), 0];
    const stream = randomStream(seed, "a", index);
    for (let block = 0; block < 600; block++) {
      expect(words(stream, 16), `block ${block}`).toEqual([...chacha8Block(key, nonce, block)]);
    }
  });
});

describe("independence", () => {
  it("every seed, name and index has its own stream", () => {
    const streams = [
      randomStream(0, "", 0),
      randomStream(1, "", 0),
      randomStream(2 ** 32, "", 0),
      randomStream(0, "a", 0),
      randomStream(0, "b", 0),
      randomStream(0, "ab", 0),
      randomStream(0, "ba", 0),
      randomStream(0, "", 1),
      randomStream(0, "", 2 ** 32),
    ];
    const firsts = streams.map((stream) => words(stream, 4).join());
    expect(new Set(firsts).size).toBe(streams.length);
  });

  it("streams don't disturb each other", () => {
    const alone = words(randomStream(3, "x", 1), 10);
    const [a, b] = [randomStream(3, "x", 1), randomStream(3, "y", 1)];
    const interleaved = alone.map(() => {
      b.word();
      return a.word();
    });
    expect(interleaved).toEqual(alone);
  });

  it("numbers don't depend on how many are read at once, across the internal buffer too", () => {
    const total = 10_000;
    const once = randomStream(4, "", 0).fillNormal(new Float32Array(total));
    const stream = randomStream(4, "", 0);
    const pieces: number[] = [];
    for (let size = 1; pieces.length < total; size = (size * 7) % 501) {
      pieces.push(...stream.fillNormal(new Float32Array(Math.min(size, total - pieces.length))));
    }
    expect(pieces).toEqual([...once]);
    const signs = randomStream(4, "", 0);
    const inParts = [...signs.fillSigns(new Float32Array(64)), ...signs.fillSigns(new Float32Array(96))];
    expect(inParts).toEqual([...randomStream(4, "", 0).fillSigns(new Float32Array(160))]);
  });
});

describe("distributions", () => {
  const count = 200_000;

  it("normal: moments within 4 standard errors, tails present, float32 values", () => {
    const drawn = randomStream(1, "moments", 0).fillNormal(new Float32Array(count));
    const moment = (power: number) => drawn.reduce((sum, value) => sum + value ** power, 0) / count;
    // The variances of z, z², z³, z⁴ are 1, 2, 15, 96.
    for (const [power, mean, variance] of [
      [1, 0, 1],
      [2, 1, 2],
      [3, 0, 15],
      [4, 3, 96],
    ]) {
      expect(Math.abs(moment(power) - mean), `moment ${power}`).toBeLessThan(4 * Math.sqrt(variance / count));
    }
    const beyond = drawn.filter((value) => Math.abs(value) > 3).length / count;
    expect(Math.abs(beyond - 0.0026998)).toBeLessThan(4 * Math.sqrt(0.0027 / count));
    expect(drawn.every(Number.isFinite)).toBe(true);
  });

  it("normal: neighbours are uncorrelated", () => {
    const drawn = randomStream(2, "moments", 0).fillNormal(new Float32Array(count));
    for (const lag of [1, 2, 16]) {
      let sum = 0;
      for (let n = lag; n < count; n++) sum += drawn[n] * drawn[n - lag];
      expect(Math.abs(sum / count), `lag ${lag}`).toBeLessThan(4 / Math.sqrt(count));
    }
  });

  it("signs: ±1 in balance, neighbours too", () => {
    const drawn = randomStream(3, "", 0).fillSigns(new Float32Array(count));
    expect(drawn.every((value) => value === 1 || value === -1)).toBe(true);
    const sum = drawn.reduce((total, value) => total + value, 0);
    expect(Math.abs(sum)).toBeLessThan(4 * Math.sqrt(count));
    const agreement = drawn.reduce((total, value, n) => total + (n > 0 ? value * drawn[n - 1] : 0), 0);
    expect(Math.abs(agreement)).toBeLessThan(4 * Math.sqrt(count));
  });

  it("below: every number, equally often", () => {
    const stream = randomStream(5, "", 0);
    for (const bound of [1, 2, 3, 10, 3 * 2 ** 30]) {
      const buckets = new Array(Math.min(bound, 10)).fill(0);
      let outside = 0;
      for (let n = 0; n < 20_000; n++) {
        const drawn = stream.below(bound);
        if (!(Number.isInteger(drawn) && drawn >= 0 && drawn < bound)) outside++;
        buckets[Math.floor((drawn / bound) * buckets.length)]++;
      }
      expect(outside, `bound ${bound}`).toBe(0);
      const share = 20_000 / buckets.length;
      const chiSquared = buckets.reduce((sum, seen) => sum + (seen - share) ** 2 / share, 0);
      expect(chiSquared, `bound ${bound}`).toBeLessThan(30);
    }
  });
});
