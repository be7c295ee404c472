/** What a plan has on a server: all of it is named by the plan's hash, so that two plans don't see each other. */

/** Plans by name, and what is to become of them. */
export const plansBucket = "comhe-plans";

/** Said when a plan is put on the board, so that workers look at once. */
export const postedSubject = "comhe.posted";

/** Names of one plan's stream, buckets and subjects. @param plan its name, 32 hex digits */
export const namesOf = (plan: string) => ({
  /** The stream of pieces that are to be done. */
  work: `comhe-${plan}-work`,
  /** One message each. */
  workSubject: `comhe.${plan}.work`,
  /** The one consumer that all workers share. */
  consumer: "workers",
  /** Key-value: results by the names of pieces. */
  results: `comhe-${plan}-results`,
  /** Object store: results that are larger than a message. */
  large: `comhe-${plan}-large`,
  /** Key-value: dead letters, conflicts, refusals. */
  notes: `comhe-${plan}-notes`,
  /** Workers say here that they live, and what they are at. */
  alive: `comhe.${plan}.alive`,
  /** Workers that aren't trusted bring their results here, to whoever submitted the plan. */
  claims: `comhe.${plan}.claims`,
});

/** Names of one plan. */
export type PlanNames = ReturnType<typeof namesOf>;
