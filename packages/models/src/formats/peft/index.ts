/** adapter_config.json, named in its adapter's place: the matrices lie beside it. */
import { EnergyError } from "@comhe/core/layouts";
import type { Format } from "../../format.js";

const files = ["adapter_model.safetensors", "adapter_model.bin"];

export const peft: Format = {
  name: "peft",
  extensions: ["adapter_config.json"],
  detect: () => false,
  detectJson: (json) => typeof (json as { peft_type?: unknown }).peft_type === "string",
  async read(source, { neighbours, readBeside }) {
    const beside = await neighbours.list();
    const file = files.find((name) => beside.includes(name));
    if (file !== undefined) return readBeside(file);
    throw new EnergyError(
      "invalid-file",
      `${source.name}: expected ${files.join(" or ")} beside it, but there is none. Put it there.`,
    );
  },
};
