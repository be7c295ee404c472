/** The built page on loopback, as any static server has it, in Chromium; every request that the browser makes is recorded. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isolationHeaders, type launchChromium, type Page, type Served, serveFiles } from "@comhe/page-kit";
import type { AuditReport } from "../../src/index.js";

export const pageFolder = fileURLToPath(new URL("../../page/", import.meta.url));

/** @param isolated sends the headers that give the page threads */
export function servePage(isolated: boolean, others: ReadonlyMap<string, Uint8Array> = new Map()): Promise<Served> {
  const files = new Map<string, Uint8Array | string>(others);
  for (const name of readdirSync(pageFolder)) files.set(`/${name}`, readFileSync(join(pageFolder, name)));
  return serveFiles(files, ({ pathname }) => ({
    ...(isolated ? isolationHeaders : {}),
    ...(pathname.endsWith(".css") ? { "Content-Type": "text/css" } : {}),
  }));
}

export interface OpenPage {
  readonly page: Page;
  /** Addresses of all requests, the page's own among them. */
  readonly requests: readonly string[];
  /** What the page or its policy complains of. */
  readonly complaints: readonly string[];
}

export async function openPage(
  { url }: Served,
  options: Parameters<Awaited<ReturnType<typeof launchChromium>>["newPage"]>[0],
  browser: Awaited<ReturnType<typeof launchChromium>>,
  path = "",
): Promise<OpenPage> {
  const page = await browser.newPage(options);
  const requests: string[] = [];
  const complaints: string[] = [];
  page.context().on("request", (request) => requests.push(request.url()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  await page.goto(url + path);
  await page.locator("body[data-state]").waitFor();
  return { page, requests, complaints };
}

/** A file as playwright hands it to an input. */
export interface GivenFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

export const given = (name: string, bytes: Uint8Array | string): GivenFile => ({
  name,
  mimeType: "application/octet-stream",
  buffer: Buffer.from(bytes as Uint8Array),
});

/** Chooses files, and waits until there is nothing more to wait for: a report, a choice, or refusals. */
export async function choose(page: Page, files: readonly (GivenFile | string)[], timeout = 60_000): Promise<string> {
  await page.evaluate(() => {
    document.body.dataset.state = "chosen";
  });
  await page.locator("#files-input").setInputFiles(files as GivenFile[]);
  return settled(page, timeout);
}

/** By selectors, not by functions that are polled: the page's policy forbids the text they would be made of. */
export async function settled(page: Page, timeout = 60_000): Promise<string> {
  const body = page.locator(":is(body[data-state=done], body[data-state=opened], body[data-state=idle])");
  await body.waitFor({ timeout });
  return (await body.getAttribute("data-state"))!;
}

/** What "Save as JSON" hands out. */
export async function savedReport(page: Page): Promise<AuditReport> {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save as JSON" }).click(),
  ]);
  return JSON.parse(readFileSync((await download.path())!, "utf8"));
}
