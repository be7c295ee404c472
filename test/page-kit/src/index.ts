/** What tests in a browser share: a page on loopback, opened in Chromium. */
export type { Browser, Page } from "playwright-core";
export { launchChromium, skipReason, softwareGpu } from "./chromium.js";
export { openSite, type PageOptions, type Site } from "./open-site.js";
export { isolationHeaders, type Served, type ServeOptions, serveBuilt, serveFiles, serveSources } from "./serve.js";
