/** The runs of the conformance suite in a report of vitest, whether the suite was many tests or, in a page, one. */

const title = /^(.*?) conforms, within (.*)$/;
/** How the suite names a case that a backend leaves out: `family: case (why)`. Tests that `-t` left out have no reason. */
const leftOut = /^.+: .+ \((.+)\)$/;

/** @returns `{ name, tolerance, checks: { name, passed, cases }[], skipped: reasons }[]`, those with a check alone */
export function suitesOf({ testResults }) {
  const suites = new Map();
  for (const { ancestorTitles, status, title: name, meta } of testResults.flatMap((file) => file.assertionResults)) {
    if (meta?.suite) {
      const checks = meta.suite.outcomes.map((each) => ({ name: each.name, passed: !each.error, cases: each.cases }));
      const tolerance = Object.entries(meta.suite.tolerance).map(([what, value]) => `${what} ${value}`);
      suites.set(meta.suite.name, {
        name: meta.suite.name,
        tolerance: plain(tolerance.join(", ")),
        checks,
        skipped: [],
      });
      continue;
    }
    const [, of, tolerance] = ancestorTitles.map((text) => title.exec(text)).find(Boolean) ?? [];
    if (of === undefined) continue;
    const suite = suites.get(of) ?? { name: of, tolerance: plain(tolerance), checks: [], skipped: [] };
    suites.set(of, suite);
    if (status === "passed" || status === "failed") {
      suite.checks.push({ name, passed: status === "passed", cases: meta?.cases ?? 0 });
    } else if (leftOut.test(name)) {
      suite.skipped.push(name);
    }
  }
  return [...suites.values()].filter(({ checks }) => checks.length > 0);
}

/** 0.00001 as 1e-5. */
function plain(tolerance) {
  return tolerance.replaceAll(/\d\.\d+/g, (number) => Number(number).toExponential());
}
