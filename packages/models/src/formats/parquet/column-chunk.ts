/**
 * The values of one column in one row group, page by page. Where every row has a list of the same length, number n of the
 * column belongs to row n div d, so that pages before a part are passed over unread; that no row is missing or of another
 * length is checked in every page that is read.
 */
import { EnergyError, type FloatArray } from "@comhe/core/layouts";
import type { ColumnMetaData, SchemaTree } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";
import { decompressPage } from "hyparquet/src/datapage.js";
import { getMaxDefinitionLevel, getMaxRepetitionLevel } from "hyparquet/src/schema.js";
import type { ByteSource } from "../../source/byte-source.js";
import { compressorsFor } from "./decompress.js";
import { PageReader, type ValueKind, type Values } from "./page-values.js";

/** Bytes read for a page's header; longer ones hold statistics of long texts. */
const headerBytes = 4096;
const longestHeader = 2 ** 20;
/** How many bytes a page may have, packed or unpacked. Writers make pages of about a megabyte. */
const largestPage = 2 ** 28;
const mostValues = 2 ** 24;
/** zstd packs a run of 128 KiB into four bytes; nothing packs closer. */
const closest = 40_000;

interface Page {
  readonly header: ReturnType<typeof parquetHeader>;
  readonly bodyAt: number;
  /** First value of the page in the chunk. */
  readonly first: number;
  readonly count: number;
}

export interface ColumnChunk {
  /** Values of the chunk. */
  readonly count: number;
  /** Writes numbers `from` … `from + out.length` of the chunk to `out`. */
  read(from: number, out: FloatArray): Promise<void>;
  /** All texts of a column of single texts; "" for those that are missing. */
  texts(): Promise<string[]>;
}

/** @param dim numbers of a row; 1 for columns of single values */
export function openColumnChunk(
  source: ByteSource,
  metadata: ColumnMetaData,
  path: readonly SchemaTree[],
  kind: ValueKind,
  dim: number,
): ColumnChunk {
  const fail = (problem: string, cause?: unknown) =>
    new EnergyError(
      "invalid-file",
      `${source.name}: column "${metadata.path_in_schema.join(".")}": ${problem}.`,
      {},
      cause,
    );
  const start = Number(metadata.dictionary_page_offset ?? metadata.data_page_offset);
  const end = Math.min(source.size, start + Number(metadata.total_compressed_size));
  const count = Number(metadata.num_values);
  const deepest = getMaxDefinitionLevel([...path]);
  const repeated = getMaxRepetitionLevel([...path]);
  const pages: Page[] = [];
  let next = start;
  let known = 0;
  let dictionary: Values | undefined;

  const headerAt = async (at: number) => {
    for (let size = headerBytes; ; size *= 8) {
      const bytes = await source.read(at, Math.min(size, end - at));
      const reader = { view: new DataView(bytes.buffer), offset: 0 };
      try {
        return { header: parquetHeader(reader), length: reader.offset };
      } catch (error) {
        if (size >= longestHeader || bytes.length === end - at) throw fail("a page's header can't be read", error);
      }
    }
  };

  const unpack = async (packed: Uint8Array<ArrayBuffer>, size: number): Promise<Uint8Array<ArrayBuffer>> => {
    if (!(size >= 0) || size > largestPage || size > packed.length * closest + 1024)
      throw fail(`a page claims ${size} bytes`);
    const compressors = await compressorsFor(metadata.codec);
    if (compressors === undefined) {
      const advice = "which isn't read. Write it with snappy, zstd or gzip";
      throw new EnergyError("unsupported", `${source.name}: compressed by ${metadata.codec}, ${advice}.`);
    }
    return decompressPage(packed, size, metadata.codec, compressors) as Uint8Array<ArrayBuffer>;
  };

  const bodyOf = async ({ header, bodyAt }: Pick<Page, "header" | "bodyAt">) => {
    const size = header.compressed_page_size;
    if (!(size >= 0) || size > largestPage || bodyAt + size > end) throw fail("a page lies beyond its column");
    return source.read(bodyAt, size);
  };

  const loadDictionary = async (page: Pick<Page, "header" | "bodyAt">): Promise<Values> => {
    const values = page.header.dictionary_page_header?.num_values ?? -1;
    if (!(values >= 0) || values > mostValues) throw fail(`a dictionary claims ${values} values`);
    const bytes = await unpack(await bodyOf(page), page.header.uncompressed_page_size);
    return new PageReader(bytes).values(kind, values, "PLAIN", undefined);
  };

  /** Headers up to the page that holds value `n`. */
  const findPages = async (n: number) => {
    while (known <= n) {
      if (!(next < end)) throw fail(`it ends after ${known} of ${count} values`);
      const { header, length } = await headerAt(next);
      const bodyAt = next + length;
      if (!(header.compressed_page_size >= 0)) throw fail("a page's header can't be read");
      next = bodyAt + header.compressed_page_size;
      if (header.type === "DICTIONARY_PAGE") {
        dictionary ??= await loadDictionary({ header, bodyAt });
        continue;
      }
      const values = (header.data_page_header ?? header.data_page_header_v2)?.num_values;
      if (values === undefined) continue;
      if (!(values >= 0) || known + values > count) throw fail(`a page claims ${values} values`);
      if (values > mostValues)
        throw fail(`a page has ${values} values, more than ${mostValues}; write it with smaller pages`);
      pages.push({ header, bodyAt, first: known, count: values });
      known += values;
    }
  };

  /** A page's levels and values; in version 2, levels lie before what is compressed. */
  const open = async (page: Page) => {
    const { header } = page;
    const body = await bodyOf(page);
    const size = Number(header.uncompressed_page_size);
    const v2 = header.data_page_header_v2;
    if (!v2) {
      const reader = new PageReader(await unpack(body, size));
      const repetition = repeated > 0 ? reader.levels(page.count, repeated) : undefined;
      const definition = deepest > 0 ? reader.levels(page.count, deepest) : undefined;
      return { reader, repetition, definition, encoding: header.data_page_header!.encoding };
    }
    const { repetition_levels_byte_length: repetitionBytes, definition_levels_byte_length: definitionBytes } = v2;
    const levelBytes = repetitionBytes + definitionBytes;
    if (!(levelBytes >= 0 && levelBytes <= body.length)) throw fail("a page's levels are longer than itself");
    const levels = new PageReader(body);
    const repetition = repeated > 0 ? levels.levels(page.count, repeated, repetitionBytes) : undefined;
    const definition = deepest > 0 ? levels.levels(page.count, deepest, definitionBytes) : undefined;
    const packed = body.slice(levelBytes);
    const bytes = v2.is_compressed === false ? packed : await unpack(packed, size - levelBytes);
    return { reader: new PageReader(bytes), repetition, definition, encoding: v2.encoding };
  };

  const numbersOf = async (page: Page): Promise<FloatArray> => {
    const { reader, repetition, definition, encoding } = await open(page);
    const missing = definition?.findIndex((level) => level !== deepest) ?? -1;
    if (missing >= 0) throw fail(`row ${Math.floor((page.first + missing) / dim)} is empty or has a null in it`);
    // Rows must begin where whole rows of d numbers do.
    for (let n = 0, at = page.first % dim; n < (repetition?.length ?? 0); n++, at = at + 1 === dim ? 0 : at + 1) {
      if ((repetition![n] === 0) !== (at === 0)) {
        throw fail(`its rows have lists of different lengths; expected ${dim} numbers in each`);
      }
    }
    return reader.values(kind, page.count, encoding, dictionary) as FloatArray;
  };

  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (EnergyError.isInstance(error)) throw error;
      throw fail(`it can't be decoded (${(error as Error).message})`, error);
    }
  };

  return {
    count,
    read: (from, out) =>
      guarded(async () => {
        if (out.length === 0) return;
        await findPages(from + out.length - 1);
        for (const page of pages) {
          const low = Math.max(from, page.first);
          const high = Math.min(from + out.length, page.first + page.count);
          if (low < high) out.set((await numbersOf(page)).subarray(low - page.first, high - page.first), low - from);
        }
      }),
    texts: () =>
      guarded(async () => {
        const result: string[] = [];
        if (count > 0) await findPages(count - 1);
        for (const page of pages) {
          const { reader, definition, encoding } = await open(page);
          let there = page.count;
          for (let n = 0; n < (definition?.length ?? 0); n++) if (definition![n] !== deepest) there--;
          const texts = reader.values("text", there, encoding, dictionary) as readonly string[];
          for (let n = 0, at = 0; n < page.count; n++) {
            result.push(definition === undefined || definition[n] === deepest ? texts[at++]! : "");
          }
        }
        return result;
      }),
  };
}
