import { randomStream } from "@comhe/core";
import { describe, expect, it } from "vitest";
import { drawView, VIEW } from "./views.js";

/** A bright cross on black. */
const cross = Float32Array.from({ length: 64 }, (_, at) => (at % 8 === 3 || Math.floor(at / 8) === 3 ? 1 : 0));
const view = (image: Float32Array, seed: number) => {
  const target = new Float32Array(64);
  drawView(image, randomStream(seed, "views", 0), target);
  return target;
};
const views = Array.from({ length: 400 }, (_, seed) => view(cross, seed));
const mean = (values: Iterable<number>) => {
  const all = [...values];
  return all.reduce((sum, value) => sum + value, 0) / all.length;
};

describe("a view", () => {
  it("is the same for the same stream, and another one for another", () => {
    expect(view(cross, 1)).toEqual(view(cross, 1));
    expect(view(cross, 1)).not.toEqual(view(cross, 2));
  });

  it("keeps the image's content: on the mean what was bright is, but for the masked share", () => {
    const brightness = mean(cross) * (1 - VIEW.mask);
    expect(Math.abs(mean(views.flatMap((each) => [...each])) - brightness)).toBeLessThan(0.02);
    const [onCross, off] = [27, 0].map((at) => mean(views.map((each) => each[at]!)));
    expect(onCross).toBeGreaterThan(0.5);
    expect(off).toBeLessThan(0.2);
  });

  it("has noise of the said size where the image is black", () => {
    const black = new Float32Array(64);
    const noise = Array.from({ length: 100 }, (_, seed) => [...view(black, seed)]).flat();
    expect(Math.abs(mean(noise))).toBeLessThan(0.01);
    expect(Math.sqrt(mean(noise.map((value) => value ** 2))) / VIEW.noise).toBeCloseTo(1, 1);
  });

  it("masks pixels of an image without edges", () => {
    // The centre stays white whatever the turn, scale and shift.
    const white = new Float32Array(64).fill(1);
    const centre = Array.from({ length: 2000 }, (_, seed) => view(white, seed)[27]!);
    const masked = centre.filter((value) => value < 0.5).length / centre.length;
    expect(Math.abs(masked - VIEW.mask)).toBeLessThan(0.03);
  });
});
