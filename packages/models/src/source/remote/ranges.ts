/**
 * A file on a server, by its ranges: how large it is and which version, and any stretch of it. Every answer is held to what
 * the first one said, so that numbers of two versions never mix; what fails for the moment is asked for again, from where it
 * broke off.
 */
import { EnergyError } from "@comhe/core/layouts";
import type { RemoteSettings } from "./remote-options.js";
import { type Answer, failed, request, retryAfter, type Target, Temporary } from "./request.js";

export interface RemoteFile {
  readonly size: number;
  /** Tells one version from another; `undefined` where the server doesn't. */
  readonly version: string | undefined;
  /** The bytes that came with the first answer, from its start on: all of it, where the server gives no ranges. */
  readonly start: Uint8Array<ArrayBuffer>;
  /** Exactly `count` bytes from `from`. */
  read(from: number, count: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** Bytes that are asked for first: most headers lie in them. */
const firstBytes = 1 << 16;
/** A try that brought at least so many isn't counted: a large file over a bad line gets there. */
const worthATry = 1 << 16;

/**
 * @returns `undefined` where there is no such file
 * @throws EnergyError `invalid-file`
 */
export async function openRanges(target: Target, settings: RemoteSettings): Promise<RemoteFile | undefined> {
  return retried(target, settings, async () => {
    const answer = await request(target, `0-${firstBytes - 1}`, settings);
    if (answer.status === 404 || answer.status === 410) {
      answer.drop();
      return undefined;
    }
    if (answer.status === 416) {
      answer.drop();
      if (/\*\/0$/.test(answer.headers.get("content-range") ?? "")) throw failed(target, "the file is empty");
      throw failed(target, "its server gives none of its bytes (416)");
    }
    if (answer.status === 200) return whole(target, answer, settings);
    refuseOthers(target, answer);
    const { from, to, size } = contentRange(target, answer);
    if (from !== 0 || to >= firstBytes || (to !== firstBytes - 1 && to !== size - 1)) {
      answer.drop();
      throw failed(target, `its server answers for bytes ${from} to ${to} where 0 to ${firstBytes - 1} were asked for`);
    }
    const start = await answer.body(to + 1);
    if (start.length !== to + 1) throw new Temporary("the answer broke off");
    const version = versionOf(answer.headers);
    return {
      size,
      version,
      start,
      read: (first, count) => readRange(target, settings, { size, version }, first, count),
    };
  });
}

/** From a server without ranges, all of it, if it isn't much. */
async function whole(target: Target, answer: Answer, { largestWhole }: RemoteSettings): Promise<RemoteFile> {
  const stated = Number(answer.headers.get("content-length") ?? Number.NaN);
  const tooLarge = (size: string) =>
    failed(
      target,
      `its server gives no parts of files, and it is ${size} bytes large`,
      "Download it, and name the file.",
    );
  if (stated > largestWhole) {
    answer.drop();
    throw tooLarge(String(stated));
  }
  let start: Uint8Array<ArrayBuffer>;
  try {
    start = await answer.body(Number.isFinite(stated) ? stated : largestWhole);
  } catch (error) {
    if (EnergyError.isInstance(error) && !Number.isFinite(stated)) throw tooLarge(`more than ${largestWhole}`);
    throw error;
  }
  if (Number.isFinite(stated) && start.length !== stated) throw new Temporary("the answer broke off");
  if (start.length === 0) throw failed(target, "the file is empty");
  const read = async (from: number, count: number) => start.slice(from, from + count);
  return { size: start.length, version: versionOf(answer.headers), start, read };
}

async function readRange(
  target: Target,
  settings: RemoteSettings,
  known: Pick<RemoteFile, "size" | "version">,
  from: number,
  count: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(count);
  let filled = 0;
  const keep = (received: Uint8Array) => {
    bytes.set(received, filled);
    filled += received.length;
    return received.length;
  };
  while (filled < count) {
    await retried(
      target,
      settings,
      async () => {
        const [first, last] = [from + filled, from + count - 1];
        const answer = await request(target, `${first}-${last}`, settings);
        checkVersion(target, answer, known);
        const got = contentRange(target, answer);
        if (got.size !== known.size) throw changed(target, answer);
        if (got.from !== first || got.to > last || got.to < first) {
          answer.drop();
          throw failed(
            target,
            `its server answers for bytes ${got.from} to ${got.to} where ${first} to ${last} were asked for`,
          );
        }
        const body = await answer.body(got.to - first + 1);
        keep(body);
        if (body.length < got.to - first + 1) throw new Temporary("the answer broke off");
      },
      keep,
    );
  }
  return bytes;
}

/** What isn't this version's stretch. */
function checkVersion(target: Target, answer: Answer, known: Pick<RemoteFile, "version">): void {
  // With the whole file in place of a part, or none of what was there before, it is another one by now.
  if (answer.status === 200 || answer.status === 416 || answer.status === 404 || answer.status === 410) {
    throw changed(target, answer);
  }
  refuseOthers(target, answer);
  if (versionOf(answer.headers) !== known.version) throw changed(target, answer);
}

function changed(target: Target, answer: Answer): EnergyError {
  answer.drop();
  return failed(target, "it changed while it was read", "Read it again.");
}

/** An ETag, or else the time of the last change. */
function versionOf(headers: Headers): string | undefined {
  const etag = headers.get("etag");
  return etag === null ? (headers.get("last-modified") ?? undefined) : etag.replace(/^W\//, "");
}

function contentRange(target: Target, answer: Answer): { from: number; to: number; size: number } {
  const header = answer.headers.get("content-range") ?? "";
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(header);
  const [from, to, size] = (match ?? []).slice(1).map(Number) as [number, number, number];
  if (match !== null && from <= to && to < size) return { from, to, size };
  answer.drop();
  throw failed(target, `its server says "${header.slice(0, 80)}" for the range it sends, which makes no sense`);
}

/** @throws Temporary, EnergyError for everything but a part */
function refuseOthers(target: Target, answer: Answer): void {
  const { status, headers } = answer;
  if (status === 206) return;
  answer.drop();
  if ([408, 425, 429, 500, 502, 503, 504].includes(status)) {
    throw new Temporary(`its server answers ${status}`, retryAfter(headers, Date.now()));
  }
  if (status === 401 || status === 403) {
    // A signed address that a redirect led to expires; the first one gives another.
    if (target.resolved !== undefined) {
      target.resolved = undefined;
      throw new Temporary(`its server answers ${status}`);
    }
    throw failed(
      target,
      `its server answers ${status}: it is private, gated, or not there`,
      target.token === undefined
        ? "For the hub, set HF_TOKEN: it is sent to the hub alone."
        : "The token that was sent doesn't open it.",
    );
  }
  throw failed(target, `its server answers ${status}`);
}

/** Tries again what fails for the moment, each time after a longer pause. */
async function retried<T>(
  target: Target,
  settings: RemoteSettings,
  attempt: () => Promise<T>,
  keep: (received: Uint8Array) => number = () => 0,
): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Temporary)) throw error;
      if (keep(error.received) >= worthATry) tried = 0;
      if (tried >= settings.tries) throw unreachable(target, error, settings.tries);
      const pause = Math.max(error.wait, settings.pause * 2 ** Math.max(0, tried - 1));
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

function unreachable(target: Target, { message }: Error, tries: number): EnergyError {
  const { env = {} } = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process ?? {};
  const proxy = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"].find((name) => env[name]);
  const hints = [
    proxy && `${proxy} is set, which Node takes notice of from version 24 on, with NODE_USE_ENV_PROXY=1.`,
    "window" in globalThis && "Its server must let pages of other sites read it (CORS), with ranges.",
    "Without a network, download it elsewhere and name the file.",
  ];
  return failed(
    target,
    `it can't be had (${message}; tried ${tries} ${tries === 1 ? "time" : "times"})`,
    hints.filter(Boolean).join(" "),
  );
}
