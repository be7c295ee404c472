/** A report on the page: the same as the command's page, with what there is to save, and two models held side by side. */

import { compareModels } from "../compare/compare-models.js";
import type { LayerChange, UnknownChange } from "../compare/weight-changes.js";
import type { AuditReport } from "../model/audit-report.js";
import { auditContent, auditPage } from "../page/audit-page.js";
import { compareContent, comparePage } from "../page/compare-page.js";
import { type PageContent, renderContent } from "../page/html.js";
import { element, save } from "./elements.js";

/** How the numbers of two models differ, by their paths. */
export type Differ = (before: string, after: string) => Promise<readonly (LayerChange | UnknownChange)[]>;

/**
 * @param about what computed it; nothing of a report that was opened again
 * @param differ reads both models once more; of a saved report only the audits can be held side by side
 */
export function reportView(report: AuditReport, about: string | undefined, differ: Differ | undefined): HTMLElement {
  const files = [...new Set([...report.layers, ...report.failed, ...report.skipped].map(({ file }) => file))];
  const place = element("div");
  let saved = () => auditPage(report);
  const show = (content: PageContent) => {
    // Every text in it is escaped, and the page's policy runs no script that is written into it.
    place.innerHTML = `<h2 tabindex="-1"></h2>${renderContent(content)}`;
    place.querySelector("h2")!.textContent = content.title;
  };
  const showAudit = () => {
    saved = () => auditPage(report);
    show(auditContent(report));
  };
  const showComparison = async (before: string, after: string) => {
    const of = (file: string) => ({ layers: report.layers.filter((layer) => layer.file === file) });
    const names = [before, after].map((path) => path.split("/").at(-1)!) as [string, string];
    const showIt = (changes?: readonly (LayerChange | UnknownChange)[]) => {
      const comparison = compareModels(of(before), of(after), changes);
      saved = () => comparePage(comparison, ...names, report.settings);
      show(compareContent(comparison, ...names, report.settings));
    };
    showIt();
    if (!differ) return;
    const content = place.firstElementChild;
    place.prepend(element("p", { class: "note", id: "comparing" }, "Comparing their numbers, layer by layer…"));
    const changes = await differ(before, after);
    // Another view was asked for meanwhile.
    if (content?.isConnected) showIt(changes);
  };
  const button = (text: string, click: () => void) => element("button", { type: "button", click }, text);
  const [first, second] = files;
  const comparing =
    files.length === 2
      ? [
          button(`Compare: ${short(first!)} → ${short(second!)}`, () => showComparison(first!, second!)),
          button(`Compare: ${short(second!)} → ${short(first!)}`, () => showComparison(second!, first!)),
          button("Both audits", showAudit),
        ]
      : [];
  showAudit();
  return element(
    "section",
    { id: "report", "aria-label": "Report" },
    ...(report.interrupted
      ? [element("p", { class: "problem" }, "It was cancelled: layers that weren't reached are missing.")]
      : []),
    element(
      "div",
      { class: "actions" },
      button("Save as JSON", () => save(`${stem(first)}.audit.json`, "application/json", JSON.stringify(report))),
      button("Save as a page", () => save(`${stem(first)}.audit.html`, "text/html", saved())),
      ...comparing,
    ),
    ...(about === undefined ? [] : [element("p", { class: "note" }, `Computed in ${seconds(report)} by ${about}.`)]),
    place,
  );
}

const short = (path: string) => path.split("/").slice(-2).join("/");

const stem = (path = "models") =>
  path
    .split("/")
    .at(-1)!
    .replace(/[^\w.-]+/g, "_")
    .slice(-80);

const seconds = ({ milliseconds }: AuditReport) => `${(milliseconds / 1000).toFixed(1)} s`;
