/** Where an HDF5 file begins, and its root. https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html, II.A */
import type { MetadataReader } from "./metadata-reader.js";

const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
/** A user block may lie before it, of 512 bytes or that times a power of two. */
const places = [0, 512, 1024, 2048];

/** @param start the file's first bytes; 4096 of them tell for sure */
export function superblockPlace(start: Uint8Array): number | undefined {
  return places.find((place) => signature.every((byte, n) => start[place + n] === byte));
}

/** Sets the reader's sizes and gives the address of the root group's header. */
export async function readSuperblock(reader: MetadataReader): Promise<number> {
  const { source } = reader;
  const place = superblockPlace(await source.read(0, Math.min(4096, source.size)));
  if (place === undefined) throw reader.damaged("it doesn't begin with HDF5's signature");
  const cursor = await reader.bytes(place + 8, Math.min(120, source.size - place - 8));
  const version = cursor.uint8();
  if (version > 3) throw reader.unsupported(`a superblock of version ${version}`);
  if (version <= 1) cursor.skip(4);
  reader.offsetSize = cursor.uint8();
  reader.lengthSize = cursor.uint8();
  for (const size of [reader.offsetSize, reader.lengthSize]) {
    if (size !== 2 && size !== 4 && size !== 8)
      throw reader.damaged(`it stores addresses in ${size} bytes; expected 2, 4 or 8`);
  }
  if (version <= 1) {
    cursor.skip(1 + 4 + 4 + (version === 1 ? 4 : 0));
    const base = cursor.address();
    cursor.address();
    cursor.address();
    cursor.address();
    // The root's entry: name, then header.
    cursor.address();
    const root = cursor.address();
    reader.base = base;
    return root;
  }
  cursor.skip(1);
  const base = cursor.address();
  cursor.address();
  cursor.address();
  reader.base = base;
  return cursor.address();
}
