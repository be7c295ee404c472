/**
 * Report pages of audits: each is a single HTML file with pictures that opens offline. They can be made in Node and in browsers.
 *
 * @packageDocumentation
 */
export { auditPage } from "./page/audit-page.js";
export { comparePage } from "./page/compare-page.js";
