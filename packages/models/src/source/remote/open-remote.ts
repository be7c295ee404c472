/**
 * Models by their address: `https://…`, or `hf:org/model[@revision][/file]` of the Hugging Face hub. Files beside a model
 * are those beside it on its server.
 */
import { EnergyError } from "@comhe/core/layouts";
import type { ByteSource } from "../byte-source.js";
import { chooseModelFile } from "../choose-file.js";
import type { Neighbours } from "../neighbours.js";
import { rangeCache } from "./range-cache.js";
import { openRanges } from "./ranges.js";
import { hubToken, type RemoteOptions, type RemoteSettings, remoteSettings } from "./remote-options.js";
import { remoteSource } from "./remote-source.js";
import type { Target } from "./request.js";

/** A list of a repository's files. */
const largestList = 64 * 2 ** 20;

/**
 * @param extensions of the files that can be a repository's model
 * @throws EnergyError `invalid-file`
 */
export async function openRemote(
  model: string | URL,
  options: RemoteOptions | undefined,
  extensions: readonly string[],
): Promise<{ source: ByteSource; beside: Neighbours }> {
  const settings = remoteSettings(options);
  const found = /^hf:/i.test(String(model))
    ? await inRepository(String(model), settings, extensions)
    : { target: targetOf(hubFile(checkedUrl(String(model)), settings), settings), list: async () => [] };
  const { target, list } = found;
  const source = await openTarget(target, settings);
  if (source === undefined) throw new EnergyError("invalid-file", `${target.shown}: there is no such file.`);
  const open = async (relativePath: string) => openTarget(besideOf(target, relativePath), settings);
  return { source, beside: { open, list } };
}

async function openTarget(target: Target, settings: RemoteSettings): Promise<ByteSource | undefined> {
  const file = await openRanges(target, settings);
  if (file === undefined) return undefined;
  const { cache } = settings;
  // All of a file that came at once is in memory already.
  const kept = cache && file.start.length < file.size ? await rangeCache(cache, target.shown, file) : undefined;
  return remoteSource(target.shown, file, settings, kept);
}

function checkedUrl(text: string): URL {
  const refused = (why: string) => new EnergyError("invalid-file", `${shownAddress(text)}: ${why}.`);
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw refused("it isn't a whole address");
  }
  if (url.username !== "" || url.password !== "") throw refused("an address with a password in it isn't read");
  const here = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === "http:" && !here) throw refused("expected https: what comes by http may have been altered");
  return url;
}

/** Without what may be secret: a password, or the signature of a signed address. */
function shownAddress(text: string): string {
  return text.replace(/[?#].*$/s, "").replace(/\/\/[^/@]*@/, "//");
}

/** The page that shows a file on the hub, as the file. */
function hubFile(url: URL, { hub }: RemoteSettings): URL {
  if (url.origin !== new URL(hub).origin) return url;
  const path = url.pathname.replace(/^(\/[^/]+\/[^/]+)\/blob\//, "$1/resolve/");
  return path === url.pathname ? url : new URL(path + url.search, url);
}

function targetOf(address: URL, { token, hub }: RemoteSettings): Target {
  const own = address.origin === new URL(hub).origin ? hubToken() : undefined;
  return { shown: shownAddress(address.href), address, token: token ?? own };
}

/** A file beside another one. @throws EnergyError `invalid-file` for a path that leaves the folder */
function besideOf(target: Target, relativePath: string): Target {
  const parts = relativePath.split("/");
  if (/[\0\\]|^[a-z][a-z0-9+.-]*:/i.test(relativePath) || relativePath.startsWith("/") || parts.includes("..")) {
    throw new EnergyError(
      "invalid-file",
      `${target.shown}: "${relativePath}" beside it is refused: expected a relative path within its folder.`,
      { location: relativePath },
    );
  }
  const path = parts
    .filter((part) => part !== ".")
    .map(encodeURIComponent)
    .join("/");
  const address = new URL(path, new URL(".", target.address));
  // What signs an address may be good for its folder; where it isn't, the server says so.
  address.search = target.address.search;
  return { shown: shownAddress(address.href), address, token: target.token };
}

interface Found {
  readonly target: Target;
  readonly list: () => Promise<string[]>;
}

async function inRepository(text: string, settings: RemoteSettings, extensions: readonly string[]): Promise<Found> {
  const match = /^hf:\/{0,2}([\w.-]+\/[\w.-]+)(?:@([^/]+))?(?:\/(.+))?$/i.exec(text);
  if (match === null) {
    throw new EnergyError(
      "invalid-file",
      `${text}: expected hf:org/model, hf:org/model@revision or hf:org/model/file.`,
    );
  }
  const [, repository, stated, file] = match;
  const revision = decodeURIComponent(stated ?? "main");
  const hub = checkedUrl(settings.hub);
  let known: Promise<Repository> | undefined;
  const repositoryFiles = () => {
    known ??= listRepository(hub, repository!, revision, settings);
    return known;
  };
  let path = file;
  let exact = revision;
  if (path === undefined) {
    const { names, commit } = await repositoryFiles();
    path = chooseModelFile(
      `hf:${repository}`,
      names.filter((name) => !name.includes("/")),
      extensions,
    );
    // All files of a model are those of one commit, whatever is pushed meanwhile.
    exact = commit ?? revision;
  }
  const encoded = path.split("/").map(encodeURIComponent).join("/");
  const address = checkedUrl(`${settings.hub}/${repository}/resolve/${encodeURIComponent(exact)}/${encoded}`);
  const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/") + 1) : "";
  const list = async () => {
    const { names } = await repositoryFiles();
    const inside = names.filter((name) => name.startsWith(folder)).map((name) => name.slice(folder.length));
    return inside.filter((name) => !name.includes("/"));
  };
  return { target: targetOf(address, settings), list };
}

interface Repository {
  readonly names: readonly string[];
  readonly commit: string | undefined;
}

async function listRepository(
  hub: URL,
  repository: string,
  revision: string,
  settings: RemoteSettings,
): Promise<Repository> {
  const path = `/api/models/${repository}/revision/${encodeURIComponent(revision)}`;
  const target = targetOf(new URL(hub.pathname.replace(/\/$/, "") + path, hub), settings);
  const shown = `hf:${repository}${revision === "main" ? "" : `@${revision}`}`;
  const source = await openTarget({ ...target, shown }, { ...settings, largestWhole: largestList, cache: undefined });
  if (source === undefined) throw new EnergyError("invalid-file", `${shown}: the hub knows no such model or revision.`);
  const wrong = () => new EnergyError("invalid-file", `${shown}: the hub's list of its files can't be read.`);
  if (source.size > largestList) throw wrong();
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(await source.read(0, source.size)));
  } catch (error) {
    if (EnergyError.isInstance(error)) throw error;
    throw wrong();
  }
  const { siblings, sha } = (json ?? {}) as { siblings?: unknown; sha?: unknown };
  if (!Array.isArray(siblings)) throw wrong();
  const names = siblings.map((each) => (each as { rfilename?: unknown } | null)?.rfilename);
  return {
    names: names.filter((name) => typeof name === "string"),
    commit: typeof sha === "string" && /^[0-9a-f]{40}$/.test(sha) ? sha : undefined,
  };
}
