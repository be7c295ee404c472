/** From the config's data to a strategy. A strategy of the user's own passes through. */
import type { ProjectionConfig } from "../config/types.js";
import { adversarialProjection } from "./adversarial.js";
import { anglePreservingProjection } from "./angle-preserving.js";
import { bilateralProjection } from "./bilateral.js";
import { fixedProjection } from "./fixed.js";
import { groupProjection } from "./group.js";
import { noProjection } from "./none.js";
import { pcaProjection } from "./pca.js";
import type { Projection } from "./projection.js";
import { randomProjection } from "./random.js";

export function createProjection(config: ProjectionConfig | Projection): Projection {
  if ("compose" in config) return config;
  switch (config.kind) {
    case "none":
      return noProjection();
    case "fixed":
      return fixedProjection(config);
    case "random":
      return randomProjection(config);
    case "group":
      return groupProjection(config);
    case "angle-preserving":
      return anglePreservingProjection(config);
    case "adversarial":
      return adversarialProjection(config);
    case "bilateral":
      return bilateralProjection(config);
    case "pca":
      return pcaProjection(config);
  }
}
