/**
 * Pages of audits: one HTML file each, with pictures, that opens offline. Made in Node and in browsers alike.
 *
 * @packageDocumentation
 */
export { auditPage } from "./page/audit-page.js";
export { comparePage } from "./page/compare-page.js";
