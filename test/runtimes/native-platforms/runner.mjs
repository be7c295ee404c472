/**
 * The few words of vitest that the native package's tests and the conformance suite use, for runtimes on which vitest itself can't run: an
 * emulated processor, another C library. The same test files are bundled with this in vitest's place, and `finish` writes what vitest's JSON
 * reporter would: its report goes into the site's support matrix with the others.
 */
import { writeFileSync } from "node:fs";
import { chai, GLOBAL_EXPECT, JestAsymmetricMatchers, JestChaiExpect, JestExtend, setState } from "@vitest/expect";

for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(plugin);

/** @param message what a failure begins with */
export const expect = Object.assign((value, message) => chai.expect(value, message), chai.expect);
Object.defineProperty(globalThis, GLOBAL_EXPECT, { value: expect, writable: true, configurable: true });
setState({ assertionCalls: 0, isExpectingAssertions: false }, expect);

const root = { titles: [], tests: [], before: [], after: [], afterEach: [], groups: [] };
let group = root;

export function describe(title, body) {
  const outer = group;
  group = {
    titles: [...outer.titles, title],
    tests: [],
    before: [],
    after: [],
    afterEach: outer.afterEach,
    groups: [],
  };
  outer.groups.push(group);
  body();
  group = outer;
}
describe.sequential = describe;
// A group that doesn't run is named as one skipped test, as its tests can't be listed without their bodies.
describe.skipIf = (isSkipped) => (isSkipped ? (title) => it.skip(title) : describe);

export function it(title, body) {
  group.tests.push({ title, body });
}
it.skip = (title) => void group.tests.push({ title });
it.skipIf = (isSkipped) => (isSkipped ? it.skip : it);
it.each = (values) => (title, body) => {
  for (const value of values) {
    const given = Array.isArray(value) ? value : [value];
    let at = 0;
    it(
      title.replaceAll(/%[so]/g, () => String(given[at++])),
      () => body(...given),
    );
  }
};
export const test = it;

export const beforeAll = (body) => void group.before.push(body);
export const afterAll = (body) => void group.after.push(body);
export const afterEach = (body) => void group.afterEach.push(body);

const stubbed = new Map();
export const vi = {
  stubEnv(name, value) {
    if (!stubbed.has(name)) stubbed.set(name, process.env[name]);
    process.env[name] = value;
  },
  unstubAllEnvs() {
    for (const [name, value] of stubbed) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    stubbed.clear();
  },
};

async function runGroup({ titles, tests, before, after, afterEach: afterTest, groups }, results) {
  for (const body of before) await body();
  for (const { title, body } of tests) {
    const meta = {};
    const result = { ancestorTitles: titles, title, status: "skipped", meta, failureMessages: [] };
    results.push(result);
    if (!body) {
      console.info(`skipped: ${[...titles, title].join(" > ")}`);
      continue;
    }
    try {
      await body({ task: { meta } });
      result.status = "passed";
    } catch (error) {
      result.status = "failed";
      result.failureMessages.push(String(error?.message ?? error));
      console.error(`${[...titles, title].join(" > ")}\n  ${result.failureMessages[0]}`);
    }
    for (const each of afterTest) await each();
  }
  for (const inner of groups) await runGroup(inner, results);
  for (const body of after) await body();
}

/** Runs what was registered. @returns whether all passed, and something did */
export async function finish(report) {
  const results = [];
  await runGroup(root, results);
  const count = (status) => results.filter((result) => result.status === status).length;
  const [passed, failed] = [count("passed"), count("failed")];
  const success = failed === 0 && passed > 0;
  const text = {
    success,
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: count("skipped"),
    testResults: [{ assertionResults: results }],
  };
  writeFileSync(report, JSON.stringify(text));
  return success;
}
