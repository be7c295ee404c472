/** The flags by which other machines make a study's runs, or this one makes theirs. */
import type { Elsewhere } from "../experiment/run-experiment.js";
import { UserError } from "./user-error.js";

/** Names of the flags, each with a value. */
export const ELSEWHERE_FLAGS = ["on", "share", "serve"] as const;

export const ELSEWHERE_HELP = `  --on <place>      nats://host: the machines that serve the study there make the runs;
                    a folder that several machines see: each makes its share
  --share <i/n>     with a folder: this is machine i of n, counted from 0
  --serve <server>  make runs for whoever asks on nats://host, until Ctrl-C`;

export interface ElsewhereFlags {
  readonly on: Elsewhere | undefined;
  readonly serve: string | undefined;
}

/** @throws UserError for flags that don't go together */
export function parseElsewhere({
  on,
  share,
  serve,
}: {
  readonly [flag in (typeof ELSEWHERE_FLAGS)[number]]?: string | undefined;
}): ElsewhereFlags {
  if (on !== undefined && serve !== undefined) {
    throw new UserError("Expected --on, to have runs made, or --serve, to make them; got both.");
  }
  const isServer = on !== undefined && /^(?:nats|tls):\/\//.test(on);
  if (share !== undefined && (on === undefined || isServer)) {
    throw new UserError("--share is of a folder: expected --on with the folder that the machines have in common.");
  }
  if (on === undefined) return { on: undefined, serve };
  return { on: isServer ? { server: on } : { folder: on, share: shareOf(share ?? "0/1") }, serve };
}

function shareOf(text: string) {
  const [, index, of] = /^(\d{1,9})\/(\d{1,9})$/.exec(text)?.map(Number) ?? [];
  if (index === undefined || of === undefined || index >= of) {
    throw new UserError(`--share: expected i/n with i from 0 to n − 1, got "${text}".`);
  }
  return { index, of };
}
