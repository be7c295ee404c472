/**
 * The packages as a map of who needs which, from their manifests: whatever a package depends on, or asks its user to install, lies below it. Written as the
 * component that the front page shows, with a link for each package. A phone is too narrow for the map and gets a tree instead, from the mathematics outwards.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [boxWidth, boxHeight, gapX, gapY] = [164, 58, 14, 44];

/** One line under each name. */
const purposes = {
  cli: "the command",
  audit: "what an audit finds",
  models: "reads model files",
  jobs: "work in pieces",
  tfjs: "TensorFlow.js",
  wasm: "WebAssembly",
  native: "AVX, NEON",
  onnx: "ONNX Runtime",
  gpujs: "gpu.js",
  webgpu: "WebGPU",
  conformance: "tests a backend",
  core: "the mathematics",
};

/** @param root of the repository @param file where to write */
export function writePackageMap(root, file) {
  const needs = needsOf(root);
  const depth = (name) => 1 + Math.max(-1, ...needs[name].map(depth));
  const levels = [];
  for (const name of Object.keys(needs)) {
    const level = depth(name);
    levels[level] = [...(levels[level] ?? []), name];
  }
  const widest = Math.max(...levels.map(({ length }) => length));
  const width = widest * (boxWidth + gapX) - gapX;
  const height = levels.length * (boxHeight + gapY) - gapY;
  const place = {};
  levels.forEach((names, level) => {
    // One alone stands amid what it needs, so that no line to the others runs behind a box.
    const amid = names.length === 1 && direct(needs[names[0]], needs).map((each) => place[each].x);
    const left = amid?.length
      ? amid.reduce((sum, x) => sum + x, 0) / amid.length
      : (width - names.length * (boxWidth + gapX) + gapX) / 2;
    names.sort().forEach((name, n) => {
      place[name] = { x: left + n * (boxWidth + gapX), y: height - boxHeight - level * (boxHeight + gapY) };
    });
  });
  const lines = Object.entries(needs).flatMap(([from, all]) =>
    direct(all, needs).map((to) => {
      const [a, b] = [place[from], place[to]];
      const [x1, x2, y1, y2] = [a.x + boxWidth / 2, b.x + boxWidth / 2, a.y + boxHeight, b.y];
      const bend = (y1 + y2) / 2;
      return `<path d="M${x1} ${y1}C${x1} ${bend} ${x2} ${bend} ${x2} ${y2}" />`;
    }),
  );
  const boxes = Object.entries(place).map(
    ([name, { x, y }]) =>
      `<a href="/packages/${name}.html" aria-label="@comhe/${name}: ${purposes[name] ?? ""}"><rect x="${x}" y="${y}" width="${boxWidth}" height="${boxHeight}" rx="9" />` +
      `<text x="${x + boxWidth / 2}" y="${y + 25}" class="name">@comhe/${name}</text>` +
      `<text x="${x + boxWidth / 2}" y="${y + 45}">${purposes[name] ?? ""}</text></a>`,
  );
  const picture = `<svg viewBox="-2 -2 ${width + 4} ${height + 4}" role="group" aria-label="Packages: each needs those that it is joined to below">\n<g class="lines">${lines.join("")}</g>\n${boxes.join("\n")}\n</svg>`;
  const tree = `<div class="package-tree">${branches("core", needs)}</div>`;
  writeFileSync(file, `<template>\n<div class="package-map">${picture}</div>\n${tree}\n</template>\n`);
}

/** A package and, indented below it, those for which it is the last thing to come; what else these need is said beside them. */
function branches(name, needs) {
  const depth = (each) => 1 + Math.max(-1, ...needs[each].map(depth));
  const parentOf = (each) => direct(needs[each], needs).sort((a, b) => depth(b) - depth(a) || a.localeCompare(b))[0];
  const others = direct(needs[name], needs).filter((each) => each !== parentOf(name));
  const and = others.length === 0 ? "" : ` <small>also needs ${others.join(", ")}</small>`;
  const children = Object.keys(needs).filter((each) => parentOf(each) === name);
  // What ends here first, then what goes on, so that lines stay short.
  const grows = (each) => Object.keys(needs).filter((other) => parentOf(other) === each).length;
  children.sort((a, b) => grows(a) - grows(b) || a.localeCompare(b));
  const below = children.length === 0 ? "" : `<ul>${children.map((each) => branches(each, needs)).join("")}</ul>`;
  const line = `<a href="/packages/${name}.html">@comhe/${name}</a> ${purposes[name] ?? ""}${and}${below}`;
  return name === "core" ? `<ul><li>${line}</li></ul>` : `<li>${line}</li>`;
}

/** By name, the packages of this repository that each needs. */
function needsOf(root) {
  const folders = readdirSync(join(root, "packages")).filter((name) =>
    existsSync(join(root, "packages", name, "package.json")),
  );
  return Object.fromEntries(
    folders.map((name) => {
      const { dependencies = {}, peerDependencies = {} } = JSON.parse(
        readFileSync(join(root, "packages", name, "package.json"), "utf8"),
      );
      const named = Object.keys({ ...dependencies, ...peerDependencies }).filter((each) => each.startsWith("@comhe/"));
      return [
        name,
        [...new Set(named)].map((each) => each.slice("@comhe/".length)).filter((each) => folders.includes(each)),
      ];
    }),
  );
}

/** Those that no other of its needs brings along anyway. */
function direct(all, needs) {
  const reaches = (from, to) => needs[from].some((each) => each === to || reaches(each, to));
  return all.filter((to) => !all.some((other) => other !== to && reaches(other, to)));
}
