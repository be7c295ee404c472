/** Vocabularies and lists of labels, in the files that lie beside models: which name each number has. */
import { fromByteLevel } from "./byte-level.js";

/** Names by number; holes where a number has none. */
export type Vocabulary = readonly (string | undefined)[];

/** Numbers beyond this are no vocabulary's. */
const mostNames = 4_000_000;

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** `tokenizer.json` of the tokenizers library: BPE, WordPiece and WordLevel by token, Unigram as a list; added tokens beside. */
export function tokenizerVocabulary(json: unknown): Vocabulary | undefined {
  if (!isObject(json) || !isObject(json.model)) return undefined;
  const names: (string | undefined)[] = [];
  const { vocab } = json.model;
  if (Array.isArray(vocab)) {
    for (const [number, entry] of vocab.entries()) put(names, number, Array.isArray(entry) ? entry[0] : entry);
  } else if (isObject(vocab)) {
    for (const [token, number] of Object.entries(vocab)) put(names, number, token);
  } else return undefined;
  const decode = isByteLevel(json) ? fromByteLevel : (token: string) => token;
  const decoded = names.map((token) => token && decode(token));
  // Added tokens are text as they stand.
  if (Array.isArray(json.added_tokens)) {
    for (const added of json.added_tokens) if (isObject(added)) put(decoded, added.id, added.content);
  }
  return decoded.length === 0 ? undefined : decoded;
}

/** Whether a part of the tokenizer, however deep, works on bytes. */
function isByteLevel({ pre_tokenizer, decoder }: Json): boolean {
  const found = (part: unknown): boolean =>
    isObject(part) &&
    (part.type === "ByteLevel" ||
      [...arrayOf(part.pretokenizers), ...arrayOf(part.decoders)].some((inner) => found(inner)));
  return found(pre_tokenizer) || found(decoder);
}

const arrayOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** `vocab.json`: numbers by token. @param byteLevel where a `merges.txt` lies beside it: GPT-2's kind */
export function jsonVocabulary(json: unknown, byteLevel: boolean): Vocabulary | undefined {
  if (!isObject(json)) return undefined;
  const names: (string | undefined)[] = [];
  for (const [token, number] of Object.entries(json)) put(names, number, byteLevel ? fromByteLevel(token) : token);
  return names.length === 0 ? undefined : names;
}

/** `vocab.txt`, `labels.txt`: one name on each line. Some lists of labels begin each line with its number. */
export function textVocabulary(text: string): Vocabulary | undefined {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  if (lines.length === 0) return undefined;
  const numbered = lines.every((line, n) => new RegExp(`^${n}[:\\s]`).test(line));
  return numbered ? lines.map((line) => line.replace(/^\d+[:\s]\s*/, "")) : lines;
}

/** `id2label` of a classifier's config.json. Names that only repeat the number ("LABEL_3") say nothing. */
export function configLabels(config: unknown): Vocabulary | undefined {
  if (!isObject(config) || !isObject(config.id2label)) return undefined;
  const names: (string | undefined)[] = [];
  for (const [number, label] of Object.entries(config.id2label)) put(names, Number(number), label);
  return names.length === 0 || names.every((name, n) => name === `LABEL_${n}`) ? undefined : names;
}

function put(names: (string | undefined)[], number: unknown, name: unknown): void {
  if (typeof name !== "string" || !Number.isInteger(number)) return;
  if ((number as number) >= 0 && (number as number) < mostNames) names[number as number] = name;
}
