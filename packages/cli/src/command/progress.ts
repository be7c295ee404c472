/**
 * Progress on stderr, so that stdout holds results alone: a bar where someone watches; where nobody does nothing, or with `--progress` a line for each
 * layer.
 */

import type { AuditReport, FailedLayer, LayerAudit } from "@comhe/audit";
import { counted, formatCount, formatDuration, formatNumber, judgedScore, printable } from "@comhe/audit/text";
import { type ModelContents, sizeOf } from "@comhe/models";
import type { OpenHooks } from "../files/open-models.js";

export interface AuditProgress {
  onBegin(layers: number): void;
  onProgress(done: number, layer: string): void;
  onLayer(audit: LayerAudit | FailedLayer, done: number): void;
  stop(): void;
}

/** Whether progress is told at all. */
export const isWatched = ({ progress = false }: { readonly progress?: boolean }): boolean =>
  progress || process.stderr.isTTY === true;

const quietReading: OpenHooks & { readonly stop: () => void } = {
  opening() {},
  opened() {},
  failed() {},
  stop() {},
};

const quietAudit: AuditProgress = { onBegin() {}, onProgress() {}, onLayer() {}, stop() {} };

/** A line for each file, begun before it is opened and ended when it is known what it holds. */
export function readingProgress(
  wanted: (name: string) => boolean,
  watched: boolean,
  stream: NodeJS.WriteStream = process.stderr,
): OpenHooks & { readonly stop: () => void } {
  if (!watched) return quietReading;
  let begun = false;
  return {
    opening(path) {
      stream.write(`Reading ${printable(path)}: `);
      begun = true;
    },
    opened({ format, layers, notes }: ModelContents) {
      const chosen = layers.filter(({ name }) => wanted(name));
      const numbers = chosen.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
      const of = chosen.length < layers.length ? `${chosen.length} of ` : "";
      stream.write(`${of}${counted(layers.length, "layer")} of neurons, ${formatCount(numbers)} weights (${format})\n`);
      for (const note of notes) stream.write(`  ${printable(note)}\n`);
      begun = false;
    },
    failed() {
      stream.write("can't be read\n");
      begun = false;
    },
    stop() {
      if (begun) stream.write("\n");
      begun = false;
    },
  };
}

/** How long it took, and which share of it was reading. */
export function timeSummary({ layers, failed, milliseconds, readMilliseconds }: AuditReport): string {
  const share = ((100 * readMilliseconds) / milliseconds).toFixed(1);
  return `${counted(layers.length + failed.length, "layer")} in ${(milliseconds / 1000).toFixed(1)} s, ${share} % of it reading`;
}

export async function auditProgress(
  watched: boolean,
  stream: NodeJS.WriteStream = process.stderr,
): Promise<AuditProgress> {
  if (!watched) return quietAudit;
  let layers = 0;
  let count = 0;
  const start = performance.now();
  const left = (done: number) => (done <= 0 ? "…" : formatDuration(((performance.now() - start) / done) * (1 - done)));
  if (!stream.isTTY) {
    return {
      onBegin(all) {
        layers = all;
        stream.write(`Auditing ${counted(all, "layer")}\n`);
      },
      onProgress() {},
      onLayer(audit, done) {
        count++;
        const result =
          "problem" in audit
            ? `failed: ${audit.problem.replace(/\.$/, "")}`
            : `score ${formatNumber(judgedScore(audit))}`;
        stream.write(
          `[${count}/${layers}] ${printable(audit.layer ?? audit.file)}: ${printable(result)}, ${left(done)} left\n`,
        );
      },
      stop() {},
    };
  }
  const { SingleBar } = await import("cli-progress");
  const bar = new SingleBar({
    format: "{bar} {percentage}% | {count} layers | {left} left | {layer}",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 24,
    hideCursor: true,
    linewrap: false,
    clearOnComplete: true,
    stream,
  });
  const payload = (done: number, layer: string) => ({
    count: `${count}/${layers}`,
    left: left(done),
    layer: printable(layer),
  });
  return {
    onBegin(all) {
      layers = all;
      bar.start(1000, 0, payload(0, ""));
    },
    onProgress: (done, layer) => bar.update(Math.round(1000 * done), payload(done, layer)),
    onLayer(audit, done) {
      count++;
      bar.update(Math.round(1000 * done), payload(done, audit.layer ?? audit.file));
    },
    stop: () => bar.stop(),
  };
}
