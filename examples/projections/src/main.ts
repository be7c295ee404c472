/** Writes the pictures of the projections page and prints their numbers: `node dist/main.js [folder]`. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Figure, renderTable } from "@comhe-examples/study-kit";
import { anglesFigure } from "./angles-figure.js";
import { distortionFigure } from "./distortion-figure.js";
import { landscapeFigure } from "./landscape-figure.js";

const [folder = fileURLToPath(new URL("../../../docs/images/", import.meta.url))] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });

function write(name: string, { svg, caption }: Figure): void {
  const path = join(folder, `projections-${name}.svg`);
  // Coordinates to a hundredth of a pixel: what differs beyond that is the platform's arithmetic.
  const rounded = svg.replace(/-?\d+\.\d{3,}/g, (number) => String(Number(Number(number).toFixed(2))));
  writeFileSync(path, `${rounded.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ')}\n`);
  console.log(`${path}\n${caption}\n`);
}

const fixed = (digits: number) => (value: number) => value.toFixed(digits);

const { figure: ofAngles, numbers: angleNumbers } = await anglesFigure();
write("angles", ofAngles);
console.log(
  renderTable(
    ["projection", "rms error °", "mean change °", "smallest angle before °", "after °"],
    angleNumbers.map(({ name, ...values }) => [name, ...Object.values(values).map(fixed(1))]),
  ),
);

const { figure: ofDistortion, numbers: distortionNumbers } = distortionFigure();
write("distortion", ofDistortion);
console.log(
  renderTable(
    ["k", "C", "mean error °"],
    distortionNumbers.map(({ dimension, count, error }) => [String(dimension), String(count), error.toFixed(2)]),
  ),
);

const { figure: ofLandscape, numbers: landscapeNumbers } = await landscapeFigure();
write("landscape", ofLandscape);
console.log(
  renderTable(
    ["d", "10 % above %", "median", "90 %", "steepness %"],
    landscapeNumbers.map(({ dim, ...values }) => [
      String(dim),
      ...Object.values(values).map((value) => value.toPrecision(3)),
    ]),
  ),
);
