/**
 * The numbers of one column in one row group, page by page. Where every row has a list of the same length, number n of the
 * column belongs to row n div d, so that pages before a part are passed over unread; that no row is missing or of another
 * length is checked in every page that is read.
 */
import { EnergyError, type FloatArray } from "@comhe/core/layouts";
import type { ColumnMetaData, SchemaTree } from "hyparquet";
import { readPage as assemblePage, parquetHeader } from "hyparquet/src/column.js";
import { convert, convertWithDictionary, DEFAULT_PARSERS } from "hyparquet/src/convert.js";
import { decompressPage, readDataPage, readDataPageV2 } from "hyparquet/src/datapage.js";
import { getMaxDefinitionLevel } from "hyparquet/src/schema.js";
import type { ByteSource } from "../../source/byte-source.js";
import { compressorsFor } from "./decompress.js";

/** Bytes read for a page's header; longer ones hold statistics of long texts. */
const headerBytes = 4096;
const longestHeader = 2 ** 20;
/** Of a page, packed or unpacked. Writers make pages of about a megabyte. */
const largestPage = 2 ** 28;

interface Page {
  readonly header: ReturnType<typeof parquetHeader>;
  readonly bodyAt: number;
  /** First number of the page in the chunk. */
  readonly first: number;
  readonly count: number;
}

export interface ColumnChunk {
  /** Numbers of the chunk. */
  readonly count: number;
  /** Writes numbers `from` … `from + out.length` of the chunk to `out`. */
  read(from: number, out: FloatArray): Promise<void>;
}

/** @param dim numbers of a row; 1 for columns of single numbers */
export function openColumnChunk(
  source: ByteSource,
  metadata: ColumnMetaData,
  path: readonly SchemaTree[],
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
  const decoder = {
    pathInSchema: metadata.path_in_schema,
    type: metadata.type,
    element: path.at(-1)!.element,
    schemaPath: [...path],
    codec: metadata.codec,
    parsers: DEFAULT_PARSERS,
  };
  const deepest = getMaxDefinitionLevel([...path]);
  const pages: Page[] = [];
  let next = start;
  let known = 0;
  let dictionary: Awaited<ReturnType<typeof loadDictionary>> | undefined;

  const compressors = async () => {
    const found = await compressorsFor(metadata.codec);
    if (found) return found;
    throw new EnergyError(
      "unsupported",
      `${source.name}: compressed by ${metadata.codec}, which isn't read. Write it with snappy, zstd or gzip.`,
    );
  };

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

  const bodyOf = async ({ header, bodyAt }: Pick<Page, "header" | "bodyAt">) => {
    const packed = header.compressed_page_size;
    const unpacked = Number(header.uncompressed_page_size);
    if (!(packed >= 0) || bodyAt + packed > end) throw fail("a page lies beyond its column");
    if (!(unpacked >= 0) || unpacked > largestPage) throw fail(`a page claims ${unpacked} bytes`);
    return source.read(bodyAt, packed);
  };

  const loadDictionary = async (page: Pick<Page, "header" | "bodyAt">) => {
    const body = await bodyOf(page);
    const full = { ...decoder, compressors: await compressors() };
    const reader = { view: new DataView(body.buffer), offset: 0 };
    const { data } = assemblePage(reader, page.header, full, undefined, undefined, 0);
    return data && convert(data, full);
  };

  /** Headers up to the page that holds number `n`. */
  const findPages = async (n: number) => {
    while (known <= n) {
      if (next >= end) throw fail(`it ends after ${known} of ${count} values`);
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
      pages.push({ header, bodyAt, first: known, count: values });
      known += values;
    }
  };

  const numbersOf = async (page: Page): Promise<ArrayLike<number>> => {
    const body = await bodyOf(page);
    const full = { ...decoder, compressors: await compressors() };
    const { header } = page;
    const { definitionLevels, repetitionLevels, dataPage } = header.data_page_header
      ? readDataPage(
          decompressPage(body, Number(header.uncompressed_page_size), metadata.codec, full.compressors),
          header.data_page_header,
          full,
        )
      : readDataPageV2(body, header, full);
    // Rows must begin where whole rows of d numbers do, and nothing may be missing in them.
    for (let n = 0; n < (definitionLevels?.length ?? 0); n++) {
      if (definitionLevels![n] !== deepest)
        throw fail(`row ${Math.floor((page.first + n) / dim)} is empty or has a null in it`);
    }
    for (let n = 0; n < repetitionLevels.length; n++) {
      if ((repetitionLevels[n] === 0) !== ((page.first + n) % dim === 0)) {
        throw fail(`its rows have lists of different lengths; expected ${dim} numbers in each`);
      }
    }
    const encoding = (header.data_page_header ?? header.data_page_header_v2)!.encoding;
    const values = convertWithDictionary(dataPage, dictionary, encoding, full);
    if (values.length !== page.count) throw fail(`a page has ${values.length} values; expected ${page.count}`);
    return values as ArrayLike<number>;
  };

  return {
    count,
    async read(from, out) {
      if (out.length === 0) return;
      try {
        await findPages(from + out.length - 1);
        for (const page of pages) {
          const low = Math.max(from, page.first);
          const high = Math.min(from + out.length, page.first + page.count);
          if (low >= high) continue;
          const numbers = await numbersOf(page);
          for (let n = low; n < high; n++) out[n - from] = numbers[n - page.first]!;
        }
      } catch (error) {
        if (EnergyError.isInstance(error)) throw error;
        throw fail(`it can't be decoded (${(error as Error).message})`, error);
      }
    },
  };
}
