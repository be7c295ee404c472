/** A part of the suite for engines whose operations another run proves whole. */

/**
 * Matches the names of checks that between them meet every operation of the contract, every potential in both spaces, near and coincident pairs, a
 * projection of each kind, a large shape, lifetimes and repeated calls: about a third of the suite's time. It leaves out finite differences, and
 * variants of projections that are built of the same operations. For {@link ConformanceOptions.part}.
 */
export const oneOfEachKind: RegExp = new RegExp(
  [
    "^(what it says|upload|scope|linear|gatherColumns|sketch|directions|pairwise (and|of)|a sample|what pairwise saves|statistics of pairs",
    "energy alone, (near|coincident|shapes)|mismatch and|objectives|strategy (none|fixed, max|random (gaussian|hadamard), mean",
    "group, contiguous|angle-preserving cosine root, unrolled|adversarial, (stopped|unrolled)|bilateral|pca|of one's own)",
    "many rows|separationFloor|20 calls|two|handles|a restored state|instances)",
  ].join("|"),
);
