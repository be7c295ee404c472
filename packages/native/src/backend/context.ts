/** What the operations share: how a command reaches the kernels. */
import { type CommandName, commandNumbers } from "../kernels/commands.js";
import type { Argument, Binding, Engine, StatisticsPass } from "../load-binding.js";

export interface Context {
  readonly threads: () => number;
  run(command: CommandName, numbers: readonly number[], ...rest: Argument[]): void;
  openStatistics(numbers: readonly number[], ...rest: Argument[]): StatisticsPass;
  /** Frees what it holds. */
  closeStatistics(pass: StatisticsPass): void;
}

export function contextOf(binding: Binding, engine: Engine): Context {
  return {
    threads: () => binding.threads(engine),
    run: (command, numbers, ...rest) =>
      binding.run(engine, commandNumbers[command], Float64Array.from(numbers), ...rest),
    openStatistics: (numbers, ...rest) => binding.statistics(engine, 0, Float64Array.from(numbers), ...rest),
    closeStatistics: (pass) => binding.close(pass),
  };
}
