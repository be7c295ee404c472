/** How files are read from servers. All of it may be left out: the defaults suit a model hub and a home connection. */
export interface RemoteOptions {
  /** The function that makes requests. Default: the platform's own `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /**
   * A token, which is sent as `Authorization: Bearer …` to the host of the address and to no other, not even one that it redirects to. Default:
   * the environment variable `HF_TOKEN` for the hub's host, and none for others.
   */
  readonly token?: string | undefined;
  /** The address of the hub that `hf:` addresses are of. Default: the environment variable `HF_ENDPOINT`, else https://huggingface.co. */
  readonly hub?: string | undefined;
  /** How often a request is made at most, when it fails for the moment. Default 5. */
  readonly tries?: number | undefined;
  /** How many milliseconds to wait before the second try; twice as many before each further one. Default 300. */
  readonly pause?: number | undefined;
  /** After how many milliseconds without a byte a request has failed. Default 30,000. */
  readonly patience?: number | undefined;
  /** How many requests are made at a time. Default 6. */
  readonly parallel?: number | undefined;
  /** Up to how many bytes a file is read whole from a server that can't give a part of it. Default 64 MiB. */
  readonly largestWhole?: number | undefined;
  /**
   * Where to keep what was read, for the next time (Node, Bun, Deno). Default: the folder that the environment variable `COMHE_CACHE` names, with at
   * most as many million bytes as `COMHE_CACHE_MB` says (10,000 unless it is set); nothing is kept where `COMHE_CACHE` isn't set.
   */
  readonly cache?:
    | {
        /** The folder. */
        readonly folder: string;
        /** How many bytes it may hold at most; what was used least recently goes first. */
        readonly mostBytes: number;
      }
    | undefined;
}

/** The same, decided. */
export interface RemoteSettings {
  readonly fetch: typeof globalThis.fetch;
  readonly token: string | undefined;
  readonly hub: string;
  readonly tries: number;
  readonly pause: number;
  readonly patience: number;
  readonly parallel: number;
  readonly largestWhole: number;
  readonly cache: RemoteOptions["cache"];
}

/** With the defaults, and what the environment says. */
export function remoteSettings(options: RemoteOptions = {}): RemoteSettings {
  const { env = {} } = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process ?? {};
  const folder = env.COMHE_CACHE;
  const megabytes = Number(env.COMHE_CACHE_MB ?? 10_000);
  return {
    fetch: options.fetch ?? ((...request) => globalThis.fetch(...request)),
    token: options.token,
    hub: (options.hub ?? env.HF_ENDPOINT ?? "https://huggingface.co").replace(/\/+$/, ""),
    tries: options.tries ?? 5,
    pause: options.pause ?? 300,
    patience: options.patience ?? 30_000,
    parallel: options.parallel ?? 6,
    largestWhole: options.largestWhole ?? 64 * 2 ** 20,
    cache: options.cache ?? (folder ? { folder, mostBytes: (megabytes > 0 ? megabytes : 0) * 1e6 } : undefined),
  };
}

/** The hub's token, for the hub's host alone. */
export function hubToken(): string | undefined {
  const { env = {} } = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process ?? {};
  return env.HF_TOKEN || undefined;
}
