/**
 * One request for a stretch of a file: redirects followed by hand, so that a token goes to its own host alone; a body that
 * is never longer than it may be; and what went wrong sorted into what may pass and what won't.
 */
import { EnergyError } from "@comhe/core/layouts";
import type { RemoteSettings } from "./remote-options.js";

/** May pass: worth another try. */
export class Temporary extends Error {
  constructor(
    message: string,
    /** Milliseconds that the server asks to wait. */
    readonly wait = 0,
    /** What had come by then. */
    readonly received: Uint8Array<ArrayBuffer> = new Uint8Array(0),
  ) {
    super(message);
  }
}

export interface Target {
  /** For messages: the address without what may be secret in it. */
  readonly shown: string;
  readonly address: URL;
  readonly token: string | undefined;
  /** Where redirects led to, for the next request; forgotten when it expires. */
  resolved?: URL | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** At most as many bytes as `most`; the rest isn't read. */
  body(most: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Lets go of it. */
  drop(): void;
}

const mostRedirects = 10;
/** A server may ask to wait; not for ever. */
const longestWait = 60_000;

/** @throws Temporary; EnergyError `invalid-file` for what won't pass */
export async function request(target: Target, range: string | undefined, settings: RemoteSettings): Promise<Answer> {
  let url = target.resolved ?? target.address;
  for (let hops = 0; hops <= mostRedirects; hops++) {
    const watch = stopwatch(settings.patience);
    const response = await send(target, url, range, settings, watch);
    const location = response.headers.get("location");
    if (!(response.status >= 300 && response.status < 400 && location !== null)) {
      if (url !== target.address) target.resolved = url;
      return answer(target, response, watch);
    }
    watch.stop();
    await response.body?.cancel().catch(() => undefined);
    url = redirected(target, url, location);
  }
  throw failed(target, `it is redirected more than ${mostRedirects} times`);
}

export function failed(target: Pick<Target, "shown">, what: string, instead = ""): EnergyError {
  return new EnergyError("invalid-file", `${target.shown}: ${what}.${instead && ` ${instead}`}`);
}

function redirected(target: Target, from: URL, location: string): URL {
  let next: URL;
  try {
    next = new URL(location, from);
  } catch {
    throw failed(target, "its server redirects to what is no address");
  }
  if (next.protocol !== "https:" && !(next.protocol === "http:" && from.protocol === "http:")) {
    throw failed(target, `its server redirects from ${from.protocol} to ${next.protocol}, which isn't followed`);
  }
  return next;
}

async function send(
  target: Target,
  url: URL,
  range: string | undefined,
  settings: RemoteSettings,
  watch: Stopwatch,
): Promise<Response> {
  // Compressed on the way, a range would be one of the compressed bytes.
  const headers: Record<string, string> = { "Accept-Encoding": "identity" };
  if (range !== undefined) headers.Range = `bytes=${range}`;
  if (target.token !== undefined && url.origin === target.address.origin)
    headers.Authorization = `Bearer ${target.token}`;
  const init = { headers, signal: watch.signal } as const;
  try {
    const response = await settings.fetch(url, { ...init, redirect: "manual" });
    // Pages aren't told where a redirect leads; there the browser follows it, and takes a token off itself.
    return response.type === "opaqueredirect" ? await settings.fetch(url, init) : response;
  } catch (error) {
    watch.stop();
    throw new Temporary(watch.signal.aborted ? `nothing came for ${settings.patience} ms` : explain(error));
  }
}

function answer(target: Target, response: Response, watch: Stopwatch): Answer {
  const { status, headers, body } = response;
  const drop = () => {
    watch.stop();
    void body?.cancel().catch(() => undefined);
  };
  return {
    status,
    headers,
    drop,
    async body(most) {
      const chunks: Uint8Array[] = [];
      let length = 0;
      const joined = () => {
        const bytes = new Uint8Array(length);
        let at = 0;
        for (const chunk of chunks) {
          bytes.set(chunk, at);
          at += chunk.length;
        }
        return bytes;
      };
      const encoding = headers.get("content-encoding");
      if (encoding !== null && encoding !== "identity") {
        drop();
        throw failed(target, `its server compresses what it sends ("${encoding}") though it was asked not to`);
      }
      const reader = body?.getReader();
      try {
        for (;;) {
          const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
          if (done) break;
          watch.again();
          length += value.length;
          chunks.push(value);
          if (length > most) {
            await reader!.cancel().catch(() => undefined);
            throw failed(target, `its server sends more than the ${most} bytes that were asked for`);
          }
        }
      } catch (error) {
        if (EnergyError.isInstance(error)) throw error;
        throw new Temporary(watch.signal.aborted ? "the answer stopped coming" : explain(error), 0, joined());
      } finally {
        watch.stop();
      }
      return joined();
    },
  };
}

/** How long a server asks to wait, in milliseconds: seconds, or a date. */
export function retryAfter(headers: Headers, now: number): number {
  const value = headers.get("retry-after");
  if (value === null) return 0;
  const seconds = /^\d{1,6}$/.test(value) ? Number(value) : (Date.parse(value) - now) / 1000;
  return Number.isFinite(seconds) ? Math.min(longestWait, Math.max(0, seconds * 1000)) : 0;
}

function explain(error: unknown): string {
  const { message, cause } = error as Error & { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? message;
}

interface Stopwatch {
  readonly signal: AbortSignal;
  again(): void;
  stop(): void;
}

/** Ends a request in which nothing moves. */
function stopwatch(patience: number): Stopwatch {
  const controller = new AbortController();
  let timer = setTimeout(() => controller.abort(), patience);
  return {
    signal: controller.signal,
    again() {
      clearTimeout(timer);
      timer = setTimeout(() => controller.abort(), patience);
    },
    stop: () => clearTimeout(timer),
  };
}
