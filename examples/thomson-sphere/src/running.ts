/** A minimization under way: its steps between two frames, what they read, and whether it has settled. */
import type { Minimization, Reading } from "./minimize.js";
import { hasSettled, type Progress, progressAfter, started } from "./progress.js";

/** Milliseconds of steps between two frames. */
const budget = 12;

export class Running {
  readonly minimization: Minimization;
  readonly readings: Reading[] = [];
  /** Of one step, averaged over the latest. */
  milliseconds = 0;
  #progress: Progress = started;

  constructor(minimization: Minimization) {
    this.minimization = minimization;
  }

  get hasSettled(): boolean {
    return hasSettled(this.#progress);
  }

  /** As many steps as fit between two frames. A step may be awaited: once `isCurrent` says no, another run has taken this one's place. */
  async advance(isCurrent: () => boolean): Promise<void> {
    const begun = performance.now();
    let steps = 0;
    do {
      const reading = await this.minimization.advance();
      if (!isCurrent()) return;
      this.readings.push(reading);
      this.#progress = progressAfter(this.#progress, reading);
      steps++;
    } while (performance.now() - begun < budget && !this.hasSettled);
    const each = (performance.now() - begun) / steps;
    this.milliseconds = this.milliseconds === 0 ? each : 0.9 * this.milliseconds + 0.1 * each;
  }

  /** Out of a local minimum, perhaps. */
  shake(): void {
    this.minimization.shake();
    this.#progress = started;
  }
}
