/** Reports that were saved, as this page or `comhe audit --format json` writes them, are opened again. */
import { Validator } from "@cfworker/json-schema";
import schema from "../../report.schema.json";
import type { AuditReport } from "../model/audit-report.js";

/**
 * Held to the published schema: what is drawn from it trusts its types, whoever wrote the file.
 *
 * @throws Error in words for a user
 */
export async function readReport(file: File): Promise<AuditReport> {
  let json: unknown;
  try {
    json = JSON.parse(await file.text());
  } catch (error) {
    throw new Error(
      `${file.name}: it begins as a report, but isn't whole JSON (${(error as Error).message}). Save it again.`,
    );
  }
  // The command leaves heat maps out unless they are asked for, and says how long its side file's fault is.
  const { valid, errors } = new Validator(schema as object, "2020-12", true).validate(withoutGaps(json));
  if (valid) return withoutGaps(json) as AuditReport;
  const { instanceLocation, error } = errors.at(-1)!;
  throw new Error(
    `${file.name}: it isn't a report of this version: at ${instanceLocation}, ${error} Audit the model again.`,
  );
}

function withoutGaps(json: unknown): unknown {
  const { layers, failed } = json as { layers?: unknown; failed?: unknown };
  const filled = (layer: unknown) => ({ heatMap: null, ...(layer as object) });
  return {
    ...(json as object),
    ...(Array.isArray(layers) && { layers: layers.map(filled) }),
    ...(Array.isArray(failed) && {
      failed: failed.map((each) => ("rest" in each ? { ...each, rest: filled(each.rest) } : each)),
    }),
  };
}
