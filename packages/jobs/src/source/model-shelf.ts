/** Models that a worker has open: each opened once, checked once, and only where the worker's owner allows. */
import { EnergyError, type Layout } from "@comhe/core/layouts";
import { type LayerSource, type ModelContents, openModel, type RemoteOptions } from "@comhe/models";
import { canonicalJson } from "../identity/canonical-json.js";
import type { Fingerprint, PlannedModel } from "../plan/schema.js";
import { sampleFingerprint } from "./fingerprint.js";

/** What a worker may read. Gives the path or the address to open, or throws. */
export type Allow = (path: string) => string | Promise<string>;

/** Options of {@link ModelShelf}. */
export interface ShelfOptions {
  /** @throws EnergyError `unsupported` for what isn't allowed */
  readonly allow: Allow;
  readonly remote?: RemoteOptions | undefined;
}

/** Models open at a time. */
const mostOpen = 8;

/** Models by what a plan calls them. */
export class ModelShelf {
  readonly #open = new Map<string, Promise<ModelContents>>();
  readonly #checked = new Map<string, string>();

  constructor(readonly options: ShelfOptions) {}

  /**
   * A layer as it was planned.
   *
   * @throws EnergyError `unsupported` for a place that isn't allowed; `invalid-file` where the layer isn't there, or isn't the one planned for
   */
  async layer(model: PlannedModel, name: string, layout: Layout, fingerprint: Fingerprint): Promise<LayerSource> {
    const contents = await this.#model(model);
    const found = contents.layers.find((layer) => layer.name === name);
    if (found === undefined)
      throw new EnergyError(
        "invalid-file",
        `${model.path}: it has no layer ${name}, which the plan names. Make the file that was planned for available here.`,
      );
    const same = canonicalJson(found.layout) === canonicalJson(layout);
    const layer = same ? found : { ...found, layout, note: undefined };
    const key = canonicalJson([model, name, layout]);
    let sample = this.#checked.get(key);
    if (sample === undefined) {
      sample = await sampleFingerprint(layer);
      this.#checked.set(key, sample);
    }
    const version = contents.version === undefined ? null : `version:${contents.version}`;
    const otherVersion =
      version !== null && (fingerprint.whole?.startsWith("version:") ?? false) && version !== fingerprint.whole;
    if (sample !== fingerprint.sample || otherVersion) {
      throw new EnergyError(
        "invalid-file",
        `${model.path}: ${name} isn't what was planned for (fingerprint ${sample.slice(0, 8)}…, expected ${fingerprint.sample.slice(0, 8)}…). Make the same file available here.`,
      );
    }
    return layer;
  }

  async close(): Promise<void> {
    const open = [...this.#open.values()];
    this.#open.clear();
    this.#checked.clear();
    for (const model of open) await (await model.catch(() => undefined))?.close();
  }

  async #model(model: PlannedModel): Promise<ModelContents> {
    const key = canonicalJson(model);
    const known = this.#open.get(key);
    if (known) return known;
    if (this.#open.size >= mostOpen) await this.close();
    const opening = this.#openModel(model);
    this.#open.set(key, opening);
    // One that can't be opened now may be there later.
    opening.catch(() => this.#open.delete(key));
    return opening;
  }

  async #openModel({ path, base, layouts }: PlannedModel): Promise<ModelContents> {
    const { allow, remote } = this.options;
    const [file, under] = [await allow(path), base === null ? undefined : await allow(base)];
    return openModel(file, { base: under, remote, layoutOf: (name) => layouts[name] });
  }
}
