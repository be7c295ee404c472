/** Packages that carry binaries, one for each platform, as npm's `os`, `cpu` and `libc` fields tell them apart. */

/** A platform that there is a binary for. */
export interface Platform {
  /** What its package's name ends with. */
  readonly name: string;
  readonly os: NodeJS.Platform;
  readonly cpu: "x64" | "arm64";
  readonly libc?: "glibc" | "musl";
}

/** All of them. */
export const platforms: readonly Platform[] = [
  { name: "linux-x64-gnu", os: "linux", cpu: "x64", libc: "glibc" },
  { name: "linux-arm64-gnu", os: "linux", cpu: "arm64", libc: "glibc" },
  { name: "linux-x64-musl", os: "linux", cpu: "x64", libc: "musl" },
  { name: "linux-arm64-musl", os: "linux", cpu: "arm64", libc: "musl" },
  { name: "darwin-arm64", os: "darwin", cpu: "arm64" },
  { name: "darwin-x64", os: "darwin", cpu: "x64" },
  { name: "win32-x64", os: "win32", cpu: "x64" },
  { name: "win32-arm64", os: "win32", cpu: "arm64" },
];

/** Those that may be the one at hand: npm installs the right one, and on Linux whichever loads has the right C library. */
export function platformsFor(os: string, cpu: string): readonly Platform[] {
  return platforms.filter((platform) => platform.os === os && platform.cpu === cpu);
}
