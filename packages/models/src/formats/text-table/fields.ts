/** Where the fields of a line begin and end: between delimiters, quoted as in RFC 4180, or words between spaces. */

export const space = 32;
const quote = 34;

/**
 * Begin and end of each field, in bytes, quotes included. A quote that isn't closed before a delimiter is a character like
 * any other: tables of words have it as a word.
 *
 * @param fields how many there are; a name with spaces in it takes what the numbers leave over
 */
export function fieldPlaces(line: Uint8Array, delimiter: number, fields: number, wordFirst: boolean): number[] {
  const places: number[] = [];
  if (delimiter === space) {
    let at = 0;
    while (at < line.length) {
      while (at < line.length && line[at] === space) at++;
      if (at === line.length) break;
      const begin = at;
      while (at < line.length && line[at] !== space) at++;
      places.push(begin, at);
    }
    const extra = places.length - 2 * fields;
    if (wordFirst && extra > 0) places.splice(1, extra);
    // A word that is itself a space leaves nothing: the line begins with its numbers.
    if (wordFirst && places.length === 2 * fields - 2) places.unshift(0, 0);
    return places;
  }
  for (let begin = 0; begin <= line.length; ) {
    let end = line[begin] === quote ? closingQuote(line, begin, delimiter) : -1;
    if (end < 0) {
      end = line.indexOf(delimiter, begin);
      if (end < 0) end = line.length;
    }
    places.push(begin, end);
    begin = end + 1;
  }
  return places;
}

/** Behind the quote that ends a field: the one before a delimiter or the line's end; doubled ones are text. */
function closingQuote(line: Uint8Array, begin: number, delimiter: number): number {
  for (let at = begin + 1; at < line.length; at++) {
    if (line[at] !== quote) continue;
    if (line[at + 1] === quote) at++;
    else return at + 1 === line.length || line[at + 1] === delimiter ? at + 1 : -1;
  }
  return -1;
}

/** A field's text; in tables that spaces divide, quotes are characters. */
export function unquoted(text: string, delimiter: number): string {
  if (delimiter === space || text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text;
  return text.slice(1, -1).replaceAll('""', '"');
}
