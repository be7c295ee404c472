/**
 * A tensor of PyTorch's is a view: a shape, strides and an offset over a storage, which several tensors may share. Both
 * are kept as just that, and no number is read before it is asked for.
 */
import { PickleTuple, type PickleValue, Rebuilt } from "../pickle/values.js";

/** Where a storage's bytes are: found once the pickle has been read. */
export interface StorageBytes {
  readonly size: number;
  /** @throws EnergyError `invalid-file` */
  read(from: number, count: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** Bytes that stand in the pickle itself. */
export function inlineBytes(bytes: Uint8Array): StorageBytes {
  return { size: bytes.length, read: async (from, count) => new Uint8Array(bytes.subarray(from, from + count)) };
}

export class StorageReference extends Rebuilt {
  /** Set where they are a whole file of `torch.save`, which holds this storage alone. */
  nested: Uint8Array | undefined;
  bytes: StorageBytes | undefined;
  bigEndian = false;

  /**
   * @param key its name in the file
   * @param elementType a key of `elementTypes`, such as "float32"; "bytes" where each tensor says it
   * @param count of its numbers
   * @param start the first of them, where it is a part of what is stored under its key
   * @param wholeCount of the numbers stored under its key
   */
  constructor(
    readonly key: string,
    public elementType: string,
    public count: number,
    public start = 0,
    public wholeCount = count,
  ) {
    super();
  }

  /** Becomes the storage that was found in a file within the pickle. */
  takeFrom(other: StorageReference): void {
    this.elementType = other.elementType;
    this.count = other.count;
    this.start = other.start;
    this.wholeCount = other.wholeCount;
    this.bytes = other.bytes;
    this.bigEndian = other.bigEndian;
    this.nested = undefined;
  }
}

/** How codes become numbers: (q − zeroPoint)·scale, one pair for the tensor or one for each index along an axis. */
export type Quantizer =
  | { readonly axis: undefined; readonly scale: number; readonly zeroPoint: number }
  | { readonly axis: number; readonly scales: ScaleList; readonly zeroPoints: ScaleList };

/** Scales stand in a tensor, or in a list where an old PyTorch wrote them. */
export type ScaleList = TensorReference | readonly number[];

export interface TensorView {
  /** PyTorch's name of the type: "float32", "bfloat16", "qint8", … */
  readonly dataType: string | undefined;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  /** Where the first number is, counted in numbers of its storage. */
  readonly offset: number;
}

export class TensorReference extends Rebuilt {
  quantizer: Quantizer | undefined;
  /** Set by PyTorch where a view stands for the negated numbers. */
  negated = false;
  /** The name of the subclass of Tensor that it is of, if any. */
  subclass: string | undefined;
  isParameter = false;
  /** Why its numbers can't be had, where that is known from the pickle alone. */
  problem: string | undefined;

  constructor(
    readonly storage: StorageReference | undefined,
    readonly view: TensorView,
  ) {
    super();
  }

  /** The type of its numbers, as the tensor itself says, or else its storage. */
  get dataType(): string {
    return this.view.dataType ?? this.storage?.elementType ?? "unknown";
  }

  /** Another reference to the same numbers, for another name such as a Parameter's. */
  again(): TensorReference {
    const copy = new TensorReference(this.storage, this.view);
    copy.quantizer = this.quantizer;
    copy.negated = this.negated;
    copy.subclass = this.subclass;
    copy.isParameter = this.isParameter;
    copy.problem = this.problem;
    return copy;
  }
}

/** A tensor of which only shape and type are known. */
export function withoutNumbers(shape: readonly number[], dataType: string, problem: string): TensorReference {
  const tensor = new TensorReference(undefined, { dataType, shape, strides: shape.map(() => 0), offset: 0 });
  tensor.problem = problem;
  return tensor;
}

/** Whole numbers of a shape, an offset, a stride. */
export function isWhole(value: PickleValue | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

const mostAxes = 64;

/** A tuple, or a list as TorchScript has it, of whole numbers; `undefined` for anything else. */
export function wholeNumbers(value: PickleValue | undefined): number[] | undefined {
  const items = value instanceof PickleTuple || isList(value) ? value.items : undefined;
  if (items === undefined || items.length > mostAxes || !items.every(isWhole)) return undefined;
  return [...items] as number[];
}

function isList(value: PickleValue | undefined): value is Extract<PickleValue, { items: readonly PickleValue[] }> {
  return typeof value === "object" && value !== null && "items" in value && Array.isArray(value.items);
}
