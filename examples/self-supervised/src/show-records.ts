/** The results in the repository, as the README and the documentation show them. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderTable } from "@comhe-examples/study-kit";
import type { CommandLine } from "./command-line.js";
import { headline } from "./headline.js";
import { RESULTS_FOLDER } from "./paths.js";
import { coursePicture } from "./pictures.js";
import { comparedArms, readRecords, type StudyRecord } from "./record.js";
import { COLUMNS, rowOf } from "./table.js";

/** Table and headline. */
export function recordText(record: StudyRecord): string {
  const compared = comparedArms(record);
  return `${renderTable(COLUMNS, compared.map(rowOf))}\n\n${headline(compared)}`;
}

/** Every dimension's table; its curves go to the folder for results. */
export function showRecords({ out }: Pick<CommandLine, "out">): string[] {
  mkdirSync(out, { recursive: true });
  return readRecords(RESULTS_FOLDER).flatMap((record) => {
    const path = join(out, `course-${record.dimension}.svg`);
    writeFileSync(path, coursePicture(comparedArms(record), record.dimension));
    return [`${record.dimension} dimensions, ${record.seeds} paired seeds`, recordText(record), `${path}\n`];
  });
}
