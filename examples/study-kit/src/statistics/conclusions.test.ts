import { describe, expect, it } from "vitest";
import { arm, runsOf } from "../../test/sample-study.js";
import { conclude } from "./conclusions.js";
import { summarize } from "./summarize.js";

const arms = [arm("plain", "baseline"), arm("spread", "energy"), arm("rival", "neighbour")];
const noise = [0, 0.3, -0.2, 0.1, -0.3, 0.2];
const around = (mean: number, wobble: number) =>
  noise.map((value, i) => mean + value + wobble * (i % 2 === 0 ? 1 : -1));

function conclusionsOf(spread: number, rival: number, wobble = 0.05) {
  return conclude(
    summarize(arms, runsOf({ plain: around(13, 0), spread: around(spread, wobble), rival: around(rival, -wobble) })),
  );
}

describe("conclude", () => {
  it("says what an energy arm gains, and by how much", () => {
    const { headline } = conclusionsOf(10.5, 12);
    expect(headline).toMatch(
      /^Spread <label>, the best energy arm, lowers test error by 2\.50 points, from 13\.02 % to 10\.52 % \(95 % interval −2\.\d\d to −2\.\d\d, p = /,
    );
    expect(headline).toContain("better on 6 of 6 seeds");
    expect(headline).not.toContain("better still");
  });

  it("names a neighbour that does better", () => {
    const { headline, neighbours } = conclusionsOf(10.5, 9);
    expect(headline).toMatch(/Rival <label> does better still\.$/);
    expect(neighbours).toEqual([expect.stringContaining("does better than every energy arm: 1.50 points less")]);
  });

  it("claims nothing where the interval includes zero", () => {
    const { headline, arms: sentences } = conclusionsOf(12.9, 13, 2);
    expect(headline).toContain("shows no effect on test error here");
    expect(headline).toContain("its interval includes 0");
    expect(sentences.join()).not.toContain("lowers");
  });

  it("says that an arm does harm", () => {
    expect(conclusionsOf(15, 16).headline).toContain("raises test error by 2.00 points");
  });

  it("takes a single seed for what it is", () => {
    const summaries = summarize(arms, runsOf({ plain: [13], spread: [10], rival: [9] }));
    const { headline, neighbours } = conclude(summaries);
    expect(headline).toContain("on a single seed, which shows nothing");
    expect(neighbours.join()).toContain("can't be told");
  });

  it("does without energy arms and without a baseline", () => {
    const runs = runsOf({ plain: [13, 14], spread: [10, 11], rival: [9, 9] });
    expect(conclude(summarize([arms[0]!, arms[2]!], runs)).headline).toBe("No arm with hyperspherical energy was run.");
    expect(conclude(summarize([arms[1]!, arms[2]!], runs)).headline).toContain("no baseline was run");
  });
});
