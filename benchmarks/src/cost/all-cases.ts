/** The training steps that are measured, by the ids of `costCases`. */
import type { costCases } from "../task/cases.js";
import type { StepTaskOf } from "./cost-case.js";
import { embeddingCases } from "./embeddings.js";
import { regularizerCases } from "./regularizers.js";

export const stepTasks: Record<(typeof costCases)[number]["id"], StepTaskOf> = {
  ...regularizerCases,
  ...embeddingCases,
};
