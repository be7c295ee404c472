/**
 * A table that no machine holds, 10,000,000×64, planned, and as many of its pieces run as the time allows (COMHE_MEASURE_SECONDS, 60 without it) or
 * as are asked for (COMHE_MEASURE_SHARE, 0.01: one in a hundred), whichever comes first; the rest is extrapolated with its error. And the same of
 * 100,000×64, whose exact value is computed.
 */

import { pairWeights } from "@comhe/core/host-functions";
import {
  memoryStore,
  PieceRunner,
  pieceAt,
  pieceCount,
  pieceNames,
  planTable,
  reduceTable,
  stripOf,
} from "@comhe/jobs";
import { runLocally } from "@comhe/jobs/node";
import { nativeBackend } from "@comhe/native";

const seconds = Number(process.env.COMHE_MEASURE_SECONDS ?? 60);
const share = Number(process.env.COMHE_MEASURE_SHARE ?? 0.01);

/** The energy from some pieces: the ratio of their sums, with the error that their scatter gives it. */
function extrapolate(plan, parts) {
  const [sum, pairs] = parts.reduce(([s, p], part) => [s + part.energy, p + part.pairs], [0, 0]);
  const mean = sum / pairs;
  const scatter = parts.reduce((total, part) => total + (part.energy - mean * part.pairs) ** 2, 0);
  const { count } = plan.table;
  const all = (count * (count - 1)) / 2;
  const rest = 1 - pairs / all;
  const deviation = (Math.sqrt((scatter * parts.length) / (parts.length - 1)) / pairs) * Math.sqrt(rest);
  const weights = pairWeights(count, "half");
  // φ(−1) = 1/4 of each row with its own opposite, at s = 2.
  return {
    energy: weights.pair * all * mean + weights.self * count * 0.25,
    error: weights.pair * all * deviation,
    share: pairs / all,
  };
}

async function somePieces(plan, milliseconds) {
  const runner = new PieceRunner({ backend: nativeBackend({ threads: 1 }), allow: async (path) => path });
  const parts = [];
  const begin = performance.now();
  const before = process.cpuUsage();
  const wanted = Math.ceil(share * pieceCount(plan));
  // Spread over the plan by a step that has no divisor in common with it, in practice: a prime.
  for (let n = 0; performance.now() - begin < milliseconds && n < wanted; n++) {
    const piece = pieceAt(plan, (n * 7919 + 13) % pieceCount(plan));
    parts.push((await runner.run(plan, piece)).value);
  }
  const { user, system } = process.cpuUsage(before);
  return { parts, cpu: (user + system) / 1e6 };
}

const show = ({ energy, error, share }) =>
  `${energy.toFixed(9)} ± ${error.toExponential(1)} from ${(100 * share).toPrecision(2)} % of its pairs`;

export async function measureTable() {
  const small = planTable({ space: "half" }, { seed: 1, count: 100_000, dim: 64 }, { block: 1000, strip: 4 });
  const store = memoryStore();
  await runLocally(small, { store });
  const results = [];
  for (const name of await pieceNames(small)) results.push(stripOf(await store.get(name)));
  const exact = reduceTable(small, results).energy;
  const guess = extrapolate(
    small,
    results.filter((_, n) => n % 20 === 3),
  );
  console.log(
    `table: 100,000×64 exactly ${exact.toFixed(9)}; extrapolated ${show(guess)}: ${(Math.abs(guess.energy - exact) / guess.error).toFixed(1)} errors away`,
  );

  const large = planTable({ space: "half" }, { seed: 1, count: 10_000_000, dim: 64 });
  const { parts, cpu } = await somePieces(large, seconds * 1000);
  const pairs = parts.reduce((sum, part) => sum + part.pairs, 0);
  const all = (10_000_000 * 9_999_999) / 2;
  console.log(
    `table: 10,000,000×64 in ${pieceCount(large)} pieces; ${parts.length} of them in ${cpu.toFixed(0)} s of CPU time: ${show(extrapolate(large, parts))}`,
  );
  console.log(
    `table: random directions have ${(62 / 61 / 2).toFixed(9)} in expectation; all pieces would take ${((cpu * all) / pairs / 86_400).toFixed(1)} days of one core`,
  );
}
