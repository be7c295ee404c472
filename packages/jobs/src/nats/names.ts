/** What a plan has on a server: all of it is named by the plan's hash, so that two plans don't see each other. */

/** Plans by name, and what is to become of them. */
export const plansBucket = "comhe-plans";

/** Said when a plan is put on the board, so that workers look at once. */
export const postedSubject = "comhe.posted";

/**
 * The names of a plan's stream, buckets and subjects on a server.
 *
 * @param plan the plan's name, 32 hex digits
 */
export const namesOf = (plan: string) => ({
  /** The stream of pieces that are to be done. */
  work: `comhe-${plan}-work`,
  /** The subject of that stream, with a message for each piece. */
  workSubject: `comhe.${plan}.work`,
  /** The consumer of that stream, which all workers share. */
  consumer: "workers",
  /** The key-value bucket of results, by the names of pieces. */
  results: `comhe-${plan}-results`,
  /** The object store of results that are larger than a message. */
  large: `comhe-${plan}-large`,
  /** The key-value bucket of notes: pieces that were given up, conflicts, refusals. */
  notes: `comhe-${plan}-notes`,
  /** The subject on which workers say that they live, and what they are at. */
  alive: `comhe.${plan}.alive`,
  /** The subject on which untrusted workers bring their results, to whoever submitted the plan. */
  claims: `comhe.${plan}.claims`,
});

/** The names of a plan's stream, buckets and subjects on a server. */
export type PlanNames = ReturnType<typeof namesOf>;
