/** One run to make. `payload` is all that the worker gets, as JSON; where things lie on its machine it is told by its own. */
export interface Job {
  readonly key: string;
  readonly arm: string;
  readonly seed: number;
  readonly payload: unknown;
}
