/**
 * The side file of `--resume`: one line of JSON for each layer that is done, written as soon as it is. A line that a crash cut
 * short is dropped; what was audited with other settings, or from a file that changed since, isn't used.
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import type { LayerAudit } from "./layer-audit.js";

export interface SideFile {
  find(key: string): LayerAudit | undefined;
  add(key: string, audit: LayerAudit): void;
  /** Layers it holds that fit the settings. */
  readonly size: number;
}

/** @param settings whatever the results depend on */
export function openSideFile(path: string, settings: unknown): SideFile {
  const fingerprint = JSON.stringify(settings);
  const known = new Map<string, LayerAudit>();
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  for (const line of text.split("\n")) {
    try {
      const entry = JSON.parse(line) as { settings?: unknown; key?: unknown; audit?: LayerAudit };
      if (entry.settings === fingerprint && typeof entry.key === "string" && entry.audit)
        known.set(entry.key, entry.audit);
    } catch {
      // Cut short.
    }
  }
  if (text !== "" && !text.endsWith("\n")) appendFileSync(path, "\n");
  return {
    size: known.size,
    find: (key) => known.get(key),
    add: (key, audit) => appendFileSync(path, `${JSON.stringify({ settings: fingerprint, key, audit })}\n`),
  };
}
