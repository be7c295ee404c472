// Removes the packages' builds. turbo restores a build from its cache beside what is there, and chunks carry a hash in their
// names: those of earlier builds would stay, and be packed.
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

const packages = join(import.meta.dirname, "..", "packages");
for (const name of readdirSync(packages)) rmSync(join(packages, name, "dist"), { recursive: true, force: true });
