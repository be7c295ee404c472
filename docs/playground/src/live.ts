/** The picture on the site's front page: a hundred electrons that find their places. Nothing of it is needed to read the page, so that it comes last. */
import { referenceBackend } from "@comhe/core";
import { Minimization } from "../../../examples/thomson-sphere/src/minimize.js";
import { hasSettled, progressAfter, started } from "../../../examples/thomson-sphere/src/progress.js";
import { SpherePicture } from "./sphere/picture.js";

/** So few that plain JavaScript moves them between two frames. */
const count = 72;
const thomson = { potential: { kind: "riesz", s: 1, distance: "chordal" } } as const;

/** @returns what ends it */
export function showElectrons(canvas: HTMLCanvasElement): () => void {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const picture = new SpherePicture(canvas);
  const minimization = new Minimization(referenceBackend() as never, thomson, count, 1);
  let progress = started;
  let ended = false;
  async function frame(): Promise<void> {
    if (ended) return;
    if (!hasSettled(progress)) {
      // Without motion the electrons are shown where they end.
      do progress = progressAfter(progress, await minimization.advance());
      while (still && !hasSettled(progress));
      picture.show(minimization.positions, false);
      canvas.dataset.state = hasSettled(progress) ? "settled" : "running";
    }
    if (!still) picture.turnBy(0.002, 0);
    picture.render();
    requestAnimationFrame(frame);
  }
  requestAnimationFrame(frame);
  return () => {
    ended = true;
  };
}
