/** What reading from servers goes by. Nothing of it is needed: the defaults suit a hub and a home connection. */
export interface RemoteOptions {
  /** Default: the platform's own. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /**
   * Sent as `Authorization: Bearer …` to the host of the address and to no other, not even one that it redirects to. Default:
   * `HF_TOKEN` of the environment for the hub's host, and none for others.
   */
  readonly token?: string | undefined;
  /** The hub of `hf:` addresses. Default: `HF_ENDPOINT` of the environment, else https://huggingface.co. */
  readonly hub?: string | undefined;
  /** How often a request is made at most, when it fails for the moment. Default 5. */
  readonly tries?: number | undefined;
  /** Milliseconds before the second try; twice as many before each further one. Default 300. */
  readonly pause?: number | undefined;
  /** Milliseconds without a byte after which a request has failed. Default 30,000. */
  readonly patience?: number | undefined;
  /** Requests at a time. Default 6. */
  readonly parallel?: number | undefined;
  /** Bytes up to which a file is read whole from a server that gives no ranges. Default 64 MiB. */
  readonly largestWhole?: number | undefined;
  /**
   * Keeps what was read in a folder, for the next time (Node, Bun, Deno). Default: the folder `COMHE_CACHE` of the
   * environment, with `COMHE_CACHE_MB` of a million bytes each at most (10,000 unless said); none where that isn't set.
   */
  readonly cache?: { readonly folder: string; readonly mostBytes: number } | undefined;
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
