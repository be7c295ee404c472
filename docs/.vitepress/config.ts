/** The site: pages of this folder, the packages' READMEs and the API reference that `scripts/generate.mjs` puts beside them. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitepress";
import { packagesInOrder } from "../scripts/packages-in-order.mjs";
import { repositoryLinks } from "./repository-links.js";
import { isGenerated, repositoryAddress, sourceOf } from "./repository-source.js";
import { widePictures, wideTables } from "./wide-content.js";

/** The guides, by the three things that one can do, as the front page and "Getting started" have them. */
const training = [
  { text: "Does it help me?", link: "/usage/does-it-help-me" },
  { text: "Choosing a potential", link: "/usage/potentials" },
  { text: "Half space", link: "/usage/half-space" },
  { text: "Choosing a projection", link: "/usage/projections" },
  { text: "Weight and layers", link: "/usage/weight-and-layers" },
  { text: "In a training loop of your own", link: "/usage/training-loops" },
  { text: "Many classes", link: "/usage/many-classes" },
  { text: "Saving and resuming", link: "/usage/saving-and-resuming" },
  { text: "When numbers go wrong", link: "/usage/troubleshooting" },
];

const computing = [
  { text: "Choosing a backend", link: "/usage/backends" },
  { text: "ONNX Runtime's providers", link: "/usage/onnx-providers" },
];

/** Of all three: what a page around them must allow, and what to do where one machine is too slow. */
const running = [
  { text: "Content Security Policy, bundlers, workers", link: "/usage/content-security-policy" },
  { text: "Many machines", link: "/usage/many-machines" },
];

const auditing = [
  { text: "Audit a model", link: "/audit-a-model" },
  { text: "Reading an audit", link: "/usage/reading-an-audit" },
];

const theory = [
  { text: "The energy", link: "/theory/energy" },
  { text: "Gradients", link: "/theory/gradients" },
  { text: "Projections", link: "/theory/projections" },
  { text: "The authors' code", link: "/reference-parity" },
];

const docs = join(import.meta.dirname, "..");
/** Those whose README `scripts/generate.mjs` has put here. */
const copied = (folder: "packages" | "examples") =>
  readdirSync(join(docs, folder)).map((file) => file.replace(/\.md$/, ""));

/** What users import, as `scripts/api-reference.mjs` found it. */
const apiEntries = (): { text: string; link: string }[] =>
  JSON.parse(readFileSync(join(docs, "api/typedoc-sidebar.json"), "utf8")).map(
    ({ text, link }: { text: string; link: string }) => ({ text, link }),
  );

/** Pages that a script writes are listed once they are written. */
const written = (items: readonly { text: string; link: string }[]) =>
  items.filter(({ link }) => existsSync(join(docs, `${link}.md`)));

/** Where the site will stand, `https://…`, as the environment says: the sitemap and the social card need whole addresses. */
const address = process.env.COMHE_SITE?.replace(/\/*$/, "/");
const card = `${address ?? "/"}social-card.png`;
const repository = repositoryAddress(process.env);
const { version } = JSON.parse(readFileSync(join(docs, "../packages/core/package.json"), "utf8"));
const description =
  "Measure how much the neurons of a network repeat each other, keep them apart while it trains, or audit a trained model. In TypeScript.";

export default defineConfig({
  ...(address && { sitemap: { hostname: address } }),
  head: [
    ["link", { rel: "icon", href: "/favicon.svg", type: "image/svg+xml" }],
    ["meta", { name: "theme-color", content: "#3a5ccc" }],
    ["meta", { property: "og:type", content: "website" }],
    ["meta", { property: "og:title", content: "CoMHE for JavaScript" }],
    ["meta", { property: "og:description", content: description }],
    ["meta", { property: "og:image", content: card }],
    ["meta", { name: "twitter:card", content: "summary_large_image" }],
  ],
  title: "CoMHE for JavaScript",
  description,
  lang: "en",
  cleanUrls: true,
  markdown: {
    math: true,
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    config: (md) => md.use(repositoryLinks).use(wideTables).use(widePictures),
  },
  themeConfig: {
    search: {
      provider: "local",
      options: {
        miniSearch: {
          // Guides before reference: the API has a page for each type, and decisions repeat the guides' words.
          searchOptions: {
            boostDocument: (id: string) => (id.includes("/api/") ? 0.2 : id.includes("/decisions/") ? 0.4 : 1),
          },
        },
      },
    },
    outline: { level: [2, 3] },
    nav: [
      { text: "Start", link: "/getting-started" },
      { text: "Guides", link: "/usage/does-it-help-me", activeMatch: "/usage/|/audit-a-model" },
      { text: "Theory", link: "/theory/energy", activeMatch: "/theory/" },
      { text: "Examples", link: "/examples", activeMatch: "/examples" },
      { text: "API", link: "/api/", activeMatch: "/api/" },
      {
        text: "Playground",
        items: [
          { text: "Sphere", link: "/playground/index.html", target: "_self" },
          { text: "Train", link: "/playground/train.html", target: "_self" },
          { text: "Audit", link: "/audit/index.html", target: "_self" },
        ],
      },
      {
        text: `v${version}`,
        items: [
          { text: "What changed", link: "/changes" },
          { text: "Support matrix", link: "/support-matrix" },
          { text: "Decisions", link: "/decisions/" },
        ],
      },
    ],
    ...(repository && {
      socialLinks: [{ icon: "github", link: repository, ariaLabel: "The repository" }],
      editLink: { text: "Suggest a change to this page", pattern: `${repository}/edit/main/:path` },
    }),
    footer: { message: "Released under the MIT licence." },
    notFound: {
      title: "There is no page here",
      quote: "It may have moved: search for it above, or start from the front page.",
      linkText: "To the front page",
    },
    sidebar: [
      {
        text: "Start",
        items: [
          { text: "Getting started", link: "/getting-started" },
          { text: "Glossary", link: "/glossary" },
        ],
      },
      { text: "Regularize", items: training },
      { text: "Compute", items: computing },
      { text: "Audit", items: auditing },
      { text: "Deploy and scale", items: running },
      { text: "Theory", items: theory },
      {
        text: "Extend",
        items: [
          { text: "Write a projection", link: "/usage/own-projection" },
          { text: "Read another format", link: "/usage/reading-a-format" },
          { text: "Write a backend", link: "/usage/writing-a-backend" },
          { text: "Write a potential", link: "/usage/writing-a-potential" },
        ],
      },
      {
        text: "Examples",
        items: [
          { text: "All, with pictures", link: "/examples" },
          ...copied("examples").map((name) => ({ text: name, link: `/examples/${name}` })),
        ],
      },
      {
        text: "Measured",
        items: written([
          { text: "Benchmarks", link: "/benchmarks" },
          { text: "On your GPU", link: "/your-gpu" },
          { text: "Support matrix", link: "/support-matrix" },
        ]),
      },
      {
        text: "Reference",
        items: [
          { text: "API", link: "/api/", collapsed: true, items: apiEntries() },
          ...packagesInOrder().map((name) => ({ text: `@comhe/${name}`, link: `/packages/${name}` })),
          { text: "Decisions", link: "/decisions/" },
          { text: "What changed", link: "/changes" },
        ],
      },
    ],
  },
  rewrites: { "decisions/README.md": "decisions/index.md" },
  transformPageData(page) {
    if (isGenerated(page.filePath)) page.frontmatter.editLink = false;
    // The edit link's `:path`.
    page.filePath = sourceOf(page.filePath);
  },
});
