/** The whole suite, as a list. */
import { bareFormulaChecks } from "../checks/bare-formula.js";
import { columnChecks } from "../checks/columns.js";
import { derivativeChecks } from "../checks/derivatives.js";
import { directionChecks } from "../checks/directions.js";
import { edgeChecks } from "../checks/edges.js";
import { energyAloneChecks } from "../checks/energy-alone.js";
import { identityChecks } from "../checks/identity.js";
import { instanceChecks } from "../checks/instances.js";
import { kernelChecks } from "../checks/kernels.js";
import { largeChecks } from "../checks/large.js";
import { linearChecks } from "../checks/linear.js";
import { mismatchChecks, undistortedChecks } from "../checks/mismatch.js";
import { objectiveChecks } from "../checks/objectives.js";
import { pairwiseChecks, sampleChecks, savedChecks } from "../checks/pairwise.js";
import { repeatChecks } from "../checks/repeats.js";
import { scopeChecks } from "../checks/scope.js";
import { shapeChecks } from "../checks/shapes.js";
import { sketchChecks } from "../checks/sketch.js";
import { statisticsChecks } from "../checks/statistics.js";
import { sampledStrategyChecks, strategyChecks } from "../checks/strategies.js";
import { transferChecks } from "../checks/transfer.js";
import { type Check, makeCheck } from "./check.js";
import { type ConformanceOptions, withDefaults } from "./options.js";

/**
 * Lists every check of the suite, each of which runs on its own, `await check.run(backend)`, under any test runner or none.
 *
 * @throws Error where a skip or a part names nothing
 */
export function conformanceChecks<A>(options: ConformanceOptions<A>): readonly Check[] {
  const { create, handles, skip = [], part } = options;
  const tolerances = withDefaults(options.tolerance);
  const families = [
    identityChecks(),
    transferChecks(),
    scopeChecks(handles),
    linearChecks(tolerances),
    columnChecks(tolerances),
    sketchChecks(tolerances),
    directionChecks(tolerances),
    ...pairwiseChecks(tolerances),
    sampleChecks(tolerances),
    sampledStrategyChecks(tolerances),
    ...energyAloneChecks(tolerances),
    ...statisticsChecks(tolerances),
    savedChecks(),
    kernelChecks(),
    ...mismatchChecks(tolerances),
    undistortedChecks(),
    objectiveChecks(tolerances),
    ...derivativeChecks(tolerances),
    ...strategyChecks(tolerances),
    shapeChecks(tolerances),
    largeChecks(tolerances),
    ...edgeChecks(tolerances),
    bareFormulaChecks(tolerances),
    ...repeatChecks(handles),
    instanceChecks(create),
  ];
  const checks = families.map((family) => makeCheck(family, skip));
  for (const { what } of skip) {
    const isUsed = checks.some(({ skipped }) => skipped.some((each) => each.skip.what === what));
    if (!isUsed) throw new Error(`${options.name}: skip "${what}" names no case; remove it or correct it.`);
  }
  if (part === undefined) return checks;
  const chosen = checks.filter((check) => part.names.test(check.name));
  if (chosen.length === 0) throw new Error(`${options.name}: the part ${part.names} names no check; correct it.`);
  return chosen;
}
