/** Which sizes are measured, and what a step of them is. */

export interface GpuShape {
  readonly count: number;
  readonly dim: number;
}

export const gpuShapes: readonly GpuShape[] = [
  { count: 1024, dim: 512 },
  { count: 4096, dim: 512 },
  { count: 16_384, dim: 1024 },
  { count: 65_536, dim: 1024 },
];

/** Multiplications and additions: the upper triangle's cosines, and two products with it. */
export const flopsOf = ({ count, dim }: GpuShape, withGradient: boolean) =>
  (withGradient ? 3 : 1) * count * count * dim;

export const nameOf = ({ count, dim }: GpuShape) => `${count}×${dim}`;

/** @throws RangeError for what isn't a list of N×d */
export function parseShapes(text: string): readonly GpuShape[] {
  return text.split(",").map((each) => {
    const [count, dim, ...rest] = each.split(/[x×]/).map(Number);
    if (rest.length > 0 || !(count! > 1) || !Number.isInteger(count) || !Number.isInteger(dim! / 2)) {
      throw new RangeError(`--shapes: expected rows and an even number of columns, as 1024x512, got "${each}".`);
    }
    return { count: count!, dim: dim! };
  });
}
