/** The site builds from what is here, and every link on it leads somewhere, anchors included. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseHTML } from "linkedom";
import { beforeAll, expect, inject, test } from "vitest";
import { onSite } from "./.vitepress/repository-links.js";

const site = inject("site");
const address = inject("address");
const pages = new Map<string, Document>();

beforeAll(() => {
  for (const file of readdirSync(site, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".html")) continue;
    const url = `/${file.replace(/(index)?\.html$/, "")}`;
    pages.set(url, parseHTML(readFileSync(join(site, file), "utf8")).document);
  }
});

test("the site has the pages that a newcomer needs", () => {
  for (const page of [
    "/",
    "/getting-started",
    "/usage/projections",
    "/theory/gradients",
    "/packages/core",
    "/examples",
    "/examples/digits",
    "/api/",
  ]) {
    expect([...pages.keys()]).toContain(page);
  }
});

test("every link and anchor leads somewhere", () => {
  const broken: string[] = [];
  for (const [url, page] of pages) {
    if (url === "/404") continue;
    for (const link of page.querySelectorAll("a[href]")) {
      const target = new URL(link.getAttribute("href")!, `http://site${url}`);
      if (target.host !== "site") continue;
      const path = decodeURIComponent(target.pathname).replace(/(?:(?<=\/)index)?\.html$/, "");
      const there = pages.get(path) ?? pages.get(`${path}/`);
      if (!there && !existsSync(join(site, path))) broken.push(`${url} → ${target.pathname}`);
      const anchor = decodeURIComponent(target.hash.slice(1));
      if (there && anchor && !there.getElementById(anchor)) broken.push(`${url} → ${target.pathname}${target.hash}`);
    }
  }
  expect(broken).toEqual([]);
});

test("every page but the API's is two clicks from the front page", () => {
  const linked = (url: string) =>
    [...(pages.get(url)?.querySelectorAll("a[href]") ?? [])].map((link) =>
      decodeURIComponent(new URL(link.getAttribute("href")!, `http://site${url}`).pathname).replace(
        /(?:(?<=\/)index)?\.html$/,
        "",
      ),
    );
  const first = linked("/");
  const reached = new Set(["/", ...first, ...first.flatMap(linked)]);
  const far = [...pages.keys()].filter((url) => !/^\/(api\/.|404|audit\/)/.test(url) && !reached.has(url));
  expect(far).toEqual([]);
});

test("pages lead to their source where the repository is known", () => {
  const sourceOf = (url: string) => pages.get(url)!.querySelector(".edit-link a")?.getAttribute("href");
  const edit = "https://github.com/someone/comhe/edit/main";
  expect(sourceOf("/usage/projections")).toBe(`${edit}/docs/usage/projections.md`);
  expect(sourceOf("/packages/wasm")).toBe(`${edit}/packages/wasm/README.md`);
  expect(sourceOf("/decisions/")).toBe(`${edit}/docs/decisions/README.md`);
  // Nobody edits what a script writes from comments, results or changelogs.
  for (const written of ["/api/", "/changes", "/benchmarks", "/support-matrix"])
    expect(sourceOf(written), written).toBeUndefined();
});

test("the front page has three doors, a picture for social media, and an icon; a wrong address leads on", () => {
  const front = pages.get("/")!;
  for (const door of ["Regularize", "Compute", "Audit"])
    expect(front.querySelector("main, #VPContent")!.textContent).toContain(door);
  const card = front.querySelector('meta[property="og:image"]')!.getAttribute("content")!;
  expect(new URL(card).origin).toBe(address);
  expect(existsSync(join(site, new URL(card).pathname))).toBe(true);
  expect(existsSync(join(site, front.querySelector('link[rel="icon"]')!.getAttribute("href")!))).toBe(true);
  const map = readFileSync(join(site, "sitemap.xml"), "utf8");
  expect(map).toContain(`${address}/usage/projections`);
  expect(existsSync(join(site, "404.html"))).toBe(true);
});

test.each([".package-map", ".package-tree"])("%s names every package and leads to it", (place) => {
  const boxes = [...pages.get("/")!.querySelectorAll(`${place} a`)].map((box) => box.getAttribute("href"));
  const names = readdirSync(join(import.meta.dirname, "../packages"));
  expect(boxes.sort()).toEqual(names.map((name) => `/packages/${name}.html`).sort());
});

test("the front page shows the study's arms as the README's table has them", () => {
  const arms = [...pages.get("/")!.querySelectorAll(".study .arm")].map((arm) => arm.textContent!.trim());
  expect(arms).toHaveLength(8);
  expect(arms[0]).toMatch(/^orthogonality .*−4\.03$/);
  expect(arms.filter((arm) => arm.includes("half-space MHE"))).toEqual(["half-space MHE−2.19"]);
});

test("every picture is there and says what it shows", () => {
  let count = 0;
  for (const [url, page] of pages) {
    for (const picture of page.querySelectorAll("main img, .vp-doc img")) {
      const source = picture.getAttribute("src") ?? "";
      if (source.startsWith("data:")) continue;
      count++;
      expect(existsSync(join(site, decodeURIComponent(source))), `${url}: ${source}`).toBe(true);
      expect(picture.getAttribute("alt"), `${url}: ${source} has no alternative text`).toBeTruthy();
    }
  }
  expect(count).toBeGreaterThan(0);
});

/** The regimes are a table; a worker has nothing to show; the kit is what the studies share. */
const withoutPicture = new Set(["browser-worker", "regimes", "study-kit"]);

test("every example is listed, and shown where there is something to see", () => {
  const root = join(import.meta.dirname, "..");
  const list = readFileSync(join(root, "README.md"), "utf8");
  const all = pages.get("/examples")!;
  for (const example of readdirSync(join(root, "examples"))) {
    const page = pages.get(`/examples/${example}`);
    expect(page, `${example} has no README`).toBeDefined();
    const links = [...all.querySelectorAll(`main a[href="/examples/${example}"]`)];
    expect(links.length, `${example} isn't on the page of examples`).toBeGreaterThan(0);
    if (withoutPicture.has(example)) continue;
    expect(
      links.some((link) => link.querySelector("img")),
      `${example} has no picture there (if it has nothing to show, list it above in withoutPicture)`,
    ).toBe(true);
    expect(list, `${example} isn't in the repository's README`).toContain(`](examples/${example})`);
    expect(list).toMatch(new RegExp(`<img [^>]*>\\]\\(examples/${example}\\)`));
  }
});

test("mathematics is rendered, not left as source", () => {
  const energy = pages.get("/theory/energy")!;
  expect(energy.querySelectorAll("mjx-container").length).toBeGreaterThan(10);
  expect(energy.querySelector("main")!.textContent).not.toContain("\\frac");
});

test("links to files of the repository become pages, or text", () => {
  const page = "usage/writing-a-backend.md";
  expect(onSite("../../packages/tfjs/README.md#saving", page)).toBe("/packages/tfjs#saving");
  expect(onSite("../../packages/core", page)).toBe("/packages/core");
  expect(onSite("../examples/digits", "examples.md")).toBe("/examples/digits");
  expect(onSite("../../packages/core/src/backend/backend.ts", page)).toBeUndefined();
  expect(onSite("./projections.md", page)).toBe("./projections.md");
  expect(onSite("https://arxiv.org/abs/1906.04892", page)).toBe("https://arxiv.org/abs/1906.04892");
});
