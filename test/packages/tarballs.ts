/** The published packages as tarballs, as npm would upload them. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const root = join(import.meta.dirname, "..", "..");

export interface Tarball {
  /** `@comhe/core` */
  readonly name: string;
  /** The folder's name. */
  readonly folder: string;
  readonly path: string;
  readonly files: readonly { readonly path: string; readonly size: number }[];
  /** Bytes, packed. */
  readonly size: number;
  readonly manifest: Readonly<Record<string, unknown>>;
}

/** Entries that CommonJS may require: `@comhe/core`, `@comhe/core/layouts` … None of a package that has ES modules only. */
export function requiredEntries({ name, manifest }: Tarball): readonly string[] {
  const entries = Object.entries(manifest.exports as Readonly<Record<string, unknown>>);
  const required = entries.filter(([, conditions]) => typeof conditions === "object" && "require" in conditions!);
  return required.map(([path]) => name + path.slice(1));
}

export function packagesOfRepository(): readonly string[] {
  return readdirSync(join(root, "packages"));
}

/** Packs the built packages into `destination`. */
export function packAll(destination: string): ReadonlyMap<string, Tarball> {
  const tarballs = packagesOfRepository().map((folder): Tarball => {
    const cwd = join(root, "packages", folder);
    const printed = execFileSync("npm", ["pack", "--json", "--pack-destination", destination], {
      cwd,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const [packed] = JSON.parse(printed) as [{ name: string; filename: string; size: number; files: Tarball["files"] }];
    const manifest = JSON.parse(readFileSync(join(cwd, "package.json"), "utf8"));
    const { name, filename, size, files } = packed;
    return { name, folder, path: join(destination, filename), files, size, manifest };
  });
  return new Map(tarballs.map((tarball) => [tarball.folder, tarball]));
}
