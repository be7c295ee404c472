/** Pages of one site in one browser. */
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { launchChromium } from "./chromium.js";
import type { Served } from "./serve.js";

/** Screen, colour scheme, touch … as playwright names them, and: */
export interface PageOptions extends BrowserContextOptions {
  /** What follows the site's address: a path, a query. */
  readonly path?: string;
  /** Runs in the page before any of its scripts. */
  readonly before?: (() => void) | undefined;
  /** An expression: the page is open once it is true there. */
  readonly ready?: string;
  /** Told what the page throws and nobody catches. Default: printed. */
  readonly onError?: (error: Error) => void;
}

export interface Site {
  readonly url: string;
  readonly browser: Browser;
  open(options?: PageOptions): Promise<Page>;
  /** The browser, and the page's server. */
  close(): Promise<void>;
}

/** @param flags of the browser; default: those that give it a GPU in software */
export async function openSite(served: Served, flags?: readonly string[]): Promise<Site> {
  const browser = await launchChromium(flags);
  return {
    url: served.url,
    browser,
    async open({ path = "", before, ready, onError = print, ...context } = {}) {
      const page = await browser.newPage(context);
      page.on("pageerror", onError);
      if (before) await page.addInitScript(before);
      await page.goto(served.url + path);
      if (ready) await page.waitForFunction(ready);
      return page;
    },
    async close() {
      await browser.close();
      await served.close();
    },
  };
}

function print(error: Error): void {
  console.error(`in the page: ${error.message}`);
}
