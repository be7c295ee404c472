/**
 * The kernels of `@comhe/wasm` that statistics of pairs need: a module of its own, in the same memory and by the same commands, so that a page
 * that trains a network needn't download what an audit computes.
 */
import { Command, HeaderFields } from "../generated/assembly/command-fields";
import { commandAs } from "./command";
import { statistics } from "./statistics";

export function run(thread: i32): void {
  if (commandAs<HeaderFields>().command != Command.statistics) unreachable();
  statistics(thread);
}
