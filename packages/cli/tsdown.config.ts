import { defineConfig } from "tsdown";
import { program } from "../../tsdown.base.js";

export default defineConfig({
  ...program,
  entry: {
    index: "src/index.ts",
    main: "src/main.ts",
    "piece-thread": "src/many/piece-thread.ts",
    rows: "src/rows.ts",
  },
  dts: true,
});
