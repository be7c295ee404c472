/** Floats so small that all of their values fit into a table. */

/** 1 sign, 2 exponent, 1 mantissa bit: OCP Microscaling formats 1.0 (2023), section 5.3.3. */
const e2m1Sizes = [0, 0.5, 1, 1.5, 2, 3, 4, 6];
export const float4Values: Float32Array = Float32Array.from([...e2m1Sizes, ...e2m1Sizes.map((size) => -size)]);

/** 8 bits of exponent and nothing else, 2^(code − 127), 255 is NaN: the scales of the Microscaling formats, section 5.4.1. */
export const exponentScale = (code: number): number => (code === 255 ? Number.NaN : 2 ** (code - 127));
