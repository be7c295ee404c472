/** What the operations share: how a command reaches the kernels. */
import { type CommandName, commandNumbers } from "../kernels/commands.js";
import type { Argument, Binding, Engine, StatisticsPass } from "../load-binding.js";

export interface Context {
  readonly threads: () => number;
  run(command: CommandName, numbers: readonly number[], ...rest: Argument[]): void;
  /** A command to be run often, with these numbers, which may change meanwhile. */
  prepare(command: CommandName, numbers: Float64Array): (...rest: Argument[]) => void;
  openStatistics(numbers: readonly number[], ...rest: Argument[]): StatisticsPass;
  /** Frees what it holds. */
  closeStatistics(pass: StatisticsPass): void;
}

export function contextOf(binding: Binding, engine: Engine): Context {
  return {
    threads: () => binding.threads(engine),
    run: (command, numbers, ...rest) => binding.run(engine, commandNumbers[command], inFloat64(numbers), ...rest),
    prepare: (command, numbers) => {
      const number = commandNumbers[command];
      return (...rest) => binding.run(engine, number, numbers, ...rest);
    },
    openStatistics: (numbers, ...rest) => binding.statistics(engine, 0, inFloat64(numbers), ...rest),
    closeStatistics: (pass) => binding.close(pass),
  };
}

/** By their number: commands read them before they return, and memory for each call would cost as much as a small set's energy. */
const kept = new Map<number, Float64Array>();

function inFloat64(numbers: readonly number[]): Float64Array {
  const { length } = numbers;
  const known = kept.get(length) ?? new Float64Array(length);
  kept.set(length, known);
  for (let n = 0; n < length; n++) known[n] = numbers[n]!;
  return known;
}
