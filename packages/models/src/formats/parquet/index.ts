/** Parquet: tables in columns, whose columns of lists are vectors. */
import type { Format } from "../../format.js";
import { startsWith } from "../starts-with.js";

export const parquet: Format = {
  name: "parquet",
  extensions: ["parquet"],
  detect: (start) => startsWith(start, "PAR1"),
  read: async (source) => (await import("./read-parquet.js")).readParquet(source),
};
