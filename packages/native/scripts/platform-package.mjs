// The package of one platform: its binary, with the fields by which npm knows where it fits. It has no script.
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");

/** Of the package that names the platforms. */
export function ownManifest() {
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
}

/** Writes what lies beside the binary, `comhe.node`, in its folder. */
export function writePackage({ name, os, cpu, libc }, folder) {
  const manifest = ownManifest();
  const own = {
    name: `${manifest.name}-${name}`,
    version: manifest.version,
    description: `The binary of ${manifest.name} for ${name}`,
    license: manifest.license,
    ...(manifest.repository && { repository: manifest.repository }),
    engines: manifest.engines,
    os: [os],
    cpu: [cpu],
    ...(libc && { libc: [libc] }),
    main: "comhe.node",
    files: ["comhe.node", "README.md", "LICENSE"],
    publishConfig: manifest.publishConfig,
  };
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(own, null, 2)}\n`);
  const about = `The binary of [\`${manifest.name}\`](https://www.npmjs.com/package/${manifest.name}) for ${name}. Install that package; it brings this one where it fits.`;
  writeFileSync(join(folder, "README.md"), `# \`${own.name}\`\n\n${about}\n`);
  copyFileSync(join(root, "LICENSE"), join(folder, "LICENSE"));
  return own;
}
