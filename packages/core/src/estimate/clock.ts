/** Time that an estimate may take. With a number of pairs instead of a time nothing asks the clock, and a seed fixes the result. */
export interface Clock {
  /** Milliseconds since it began. */
  spent(): number;
  /** Milliseconds left; negative once they are used up. */
  left(): number;
}

/** @param budget milliseconds; `Infinity`: no limit */
export function startClock(budget: number): Clock {
  const begin = performance.now();
  const spent = () => performance.now() - begin;
  return { spent, left: () => budget - spent() };
}

/** A clock for a part of what is left. */
export function partOf(clock: Clock, share: number): Clock {
  return startClock(share * clock.left());
}
