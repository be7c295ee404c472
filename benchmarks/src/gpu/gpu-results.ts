/** What a run on one adapter found: the JSON that `benchmarks/results/gpu` holds one file of for each GPU, and the page shows. */

export interface GpuMeasurement {
  readonly id: string;
  readonly name: string;
  readonly withGradient: boolean;
  /** Why there are no numbers, in words. */
  readonly skipped?: string;
  /** Milliseconds of a step. */
  readonly best?: number;
  readonly median?: number;
  readonly calls?: number;
  /** Operations a second by the best time, over the measured peak. */
  readonly share?: number;
  /** Relative to float64. */
  readonly energyError?: number;
}

export interface GpuShapeResult {
  readonly count: number;
  readonly dim: number;
  readonly measurements: readonly GpuMeasurement[];
}

export interface GpuResults {
  readonly schema: "comhe-gpu-1";
  readonly date: string;
  readonly adapter: {
    readonly vendor: string;
    readonly architecture: string;
    readonly device: string;
    readonly description: string;
    /** A GPU in software. */
    readonly isFallback: boolean;
    readonly features: readonly string[];
  };
  /** Where it ran: a browser's name, or Node's version. */
  readonly runtime: string;
  /** Multiplications and additions a second, in float32, measured. */
  readonly peakFlops: number;
  /** Checks of the conformance suite that were run, and those that failed, in words. */
  readonly conformance: { readonly run: number; readonly failed: readonly string[] };
  readonly shapes: readonly GpuShapeResult[];
}

/** What makes sure that a file is such a result. */
export function isGpuResults(value: unknown): value is GpuResults {
  const { schema, adapter, shapes, peakFlops } = (value ?? {}) as Partial<GpuResults>;
  return (
    schema === "comhe-gpu-1" && typeof adapter === "object" && Array.isArray(shapes) && typeof peakFlops === "number"
  );
}
