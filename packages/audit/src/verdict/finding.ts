/** What stands out in a layer: by which rule, how often, and in words. */

/** Names of the rules, as gates and reports use them. */
export type RuleName =
  | "nan"
  | "infinite"
  | "dead-heads"
  | "collapsed-heads"
  | "dead"
  | "faint"
  | "exploding"
  | "constant"
  | "copies"
  | "crowded"
  | "redundant";

/** What one rule found in one layer. */
export interface Finding {
  readonly rule: RuleName;
  /** Neurons that it concerns, of a whole layer all of them; heads, of rules about heads. */
  readonly count: number;
  /** The numbers that show it, in words, to stand in a sentence. */
  readonly text: string;
}
