/** Debian's Chromium, or another one that is installed. */
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const places = [
  process.env.CHROMIUM ?? "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
] as const;

const executablePath = places.find(existsSync);

/** Why tests in a page are skipped; `undefined` where they run. */
export const skipReason: string | undefined = executablePath
  ? undefined
  : `no Chromium at ${places[0]}; the variable CHROMIUM may name another`;

/** Flags that give WebGL2 and WebGPU on a machine without a GPU: SwiftShader computes both. */
export const softwareGpu: readonly string[] = [
  "--enable-unsafe-swiftshader",
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
];

/** Flags of every launch: containers have no sandbox for it, and QUIC is of no use on loopback. */
const always = ["--no-sandbox", "--disable-quic"];

/** @throws where {@link skipReason} says why */
export function launchChromium(flags: readonly string[] = softwareGpu): Promise<Browser> {
  if (!executablePath) throw new Error(skipReason);
  return chromium.launch({ executablePath, args: [...always, ...flags] });
}
