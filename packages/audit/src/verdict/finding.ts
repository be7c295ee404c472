/** What stands out in a layer: by which rule, how often, and in words. */

/** The names of the rules by which layers are judged, as gates and reports use them. */
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
  /** The rule that found it. */
  readonly rule: RuleName;
  /** How many neurons it concerns: all of them where it concerns the whole layer. For rules about heads, how many heads. */
  readonly count: number;
  /** The numbers that show it, in words, to stand in a sentence. */
  readonly text: string;
}
