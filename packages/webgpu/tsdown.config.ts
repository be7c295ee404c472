import { defineConfig } from "tsdown";
import { library } from "../../tsdown.base.js";

export default defineConfig({ ...library, entry: { index: "src/index.ts" } });
