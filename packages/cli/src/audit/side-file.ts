/**
 * The side file of `--resume`: one line of JSON for each layer that is done, written as soon as it is. A line that a crash cut
 * short is dropped; what was audited with other settings, or from a file that changed since, isn't used.
 */
import { appendFileSync, readFileSync, statSync } from "node:fs";
import type { LayerAudit } from "@comhe/audit";
import { EnergyError } from "@comhe/core/layouts";

/** Keeps the audits of layers that are done, so that a run that was broken off can go on. */
export interface SideFile {
  /** The audit that is kept under this key, made with the same settings; `undefined` where there is none. */
  find(key: string): LayerAudit | undefined;
  /** Keeps an audit under a key. What can't be written, on a full disk say, is tried again with the next layer; the audit goes on meanwhile. */
  add(key: string, audit: LayerAudit): void;
  /** How many layers aren't kept, and why, in words; `undefined` where all are. */
  readonly problem: string | undefined;
  /** How many layers it holds that fit the settings. */
  readonly size: number;
}

/** How every line begins. */
const entryStart = '{"settings":';

/**
 * @param settings whatever the results depend on
 * @throws EnergyError `invalid-config` where the file can't be read or written
 */
export function openSideFile(path: string, settings: unknown): SideFile {
  const fingerprint = JSON.stringify(settings);
  const known = new Map<string, LayerAudit>();
  const text = readText(path);
  // Nothing is added to a file that is someone else's.
  const isOurs = entryStart.startsWith(text.trim()) || text.split("\n").some((line) => line.startsWith(entryStart));
  if (!isOurs) {
    throw unusable(path, "expected a side file of an earlier audit, or a name that isn't taken; this file is another");
  }
  for (const line of text.split("\n")) {
    try {
      const entry = JSON.parse(line) as { settings?: unknown; key?: unknown; audit?: LayerAudit };
      if (entry.settings === fingerprint && typeof entry.key === "string" && entry.audit)
        known.set(entry.key, entry.audit);
    } catch {
      // Cut short.
    }
  }
  let problem: string | undefined;
  let lost = 0;
  let pending = text !== "" && !text.endsWith("\n") ? "\n" : "";
  const append = (line: string) => {
    pending += line;
    try {
      appendFileSync(path, pending);
      pending = "";
      problem = undefined;
      lost = 0;
    } catch (error) {
      // Part of it may be there: what follows begins a line of its own.
      if (!pending.startsWith("\n")) pending = `\n${pending}`;
      problem = (error as Error).message;
    }
  };
  append("");
  if (problem !== undefined) throw unusable(path, `can't be written (${problem})`);
  return {
    size: known.size,
    find: (key) => known.get(key),
    add(key, audit) {
      lost++;
      append(`${JSON.stringify({ settings: fingerprint, key, audit })}\n`);
    },
    get problem() {
      return problem && `${lost === 1 ? "1 layer isn't" : `${lost} layers aren't`} in it: ${problem}`;
    },
  };
}

function readText(path: string): string {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) return "";
  if (!status.isFile()) throw unusable(path, "expected a file, got a folder or a device; name another file");
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw unusable(path, `can't be read (${(error as Error).message})`);
  }
}

function unusable(path: string, problem: string): EnergyError {
  return new EnergyError("invalid-config", `--resume ${path}: ${problem}.`);
}
