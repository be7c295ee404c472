/** What the columns of the page's table are, folded away below it. */
import { columnTexts } from "../text/columns.js";
import { folded } from "./html.js";
import { plainTable } from "./table.js";

export const columnLegend = (): string =>
  folded(
    "What the columns are",
    plainTable(
      "Living neurons are those that are neither dead nor faint.",
      ["column", "what it is"],
      columnTexts.map(({ head, says }) => [{ text: head }, { text: says, wide: true }]),
    ),
  );
