import { defineConfig } from "tsdown";
import { library } from "../../tsdown.base.js";

export default defineConfig({
  ...library,
  entry: {
    index: "src/index.ts",
    nats: "src/nats.ts",
    node: "src/node.ts",
    page: "src/page.ts",
    "thread-entry": "src/thread-entry.ts",
  },
  format: "esm",
  // Node's modules are imported by name and by nothing else: `index` and `page` run in pages, too.
  platform: "node",
  // Node 20 warns of every module of JSON; in the bundle it is one of ours.
  deps: { alwaysBundle: [/report\.schema\.json$/] },
});
