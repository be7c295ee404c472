/**
 * The checks that run by default, by their names: transfers, products, directions, a strategy of each kind of path, more than 4096 rows (the
 * largest tiles), and the order of things. All potentials, which are a kernel each, are left to `npm run test:all`.
 */
export const someChecks =
  "^(what it says|upload|scope|linear|gatherColumns|directions|what pairwise saves|strategy (none|random gaussian, max)|many rows)";

/** Repeats take a minute in software: by default a page runs them alone, and leaves the many rows to Node. */
export const someChecksOfPage = `${someChecks.replace("|many rows", "")}|^(20 calls|two evaluators)`;
