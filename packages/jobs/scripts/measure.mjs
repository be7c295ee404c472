/**
 * What pieces cost: `node --expose-gc scripts/measure.mjs [local|engine|submitter|table|rates] …`, all of them without a word. The numbers of the documentation
 * are printed here. Not among the tests: they take minutes, and quiet machines.
 */

import { measureEngine, measureLocalRunner } from "./measure/overhead.mjs";
import { rates } from "./measure/rates.mjs";
import { measureSubmitter } from "./measure/submitter.mjs";
import { measureTable } from "./measure/table.mjs";

const parts = {
  rates,
  local: measureLocalRunner,
  engine: measureEngine,
  submitter: measureSubmitter,
  table: measureTable,
};
const wanted = process.argv.slice(2);
for (const name of wanted.length > 0 ? wanted : Object.keys(parts)) await parts[name]();
process.exit();
