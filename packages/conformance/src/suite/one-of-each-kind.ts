/** A part of the suite for engines whose operations another run proves whole. */

/**
 * Names of checks that meet every operation of the contract, every potential in both spaces, near and coincident pairs, a strategy of each kind, a large
 * shape, lifetimes and repeated calls: about a third of the suite's time. It leaves out the variants of strategies that are built of the same operations, and finite differences.
 */
export const oneOfEachKind: RegExp = new RegExp(
  [
    "^(what it says|upload|scope|linear|gatherColumns|sketch|directions|pairwise (and|of)|a sample|what pairwise saves|statistics of pairs",
    "energy alone, (near|coincident|shapes)|mismatch and|objectives|strategy (none|fixed, max|random (gaussian|hadamard), mean",
    "group, contiguous|angle-preserving cosine root, unrolled|adversarial, (stopped|unrolled)|bilateral|pca|of one's own)",
    "many rows|separationFloor|20 calls|two|handles|a restored state|instances)",
  ].join("|"),
);
