/**
 * A constant of the model as what it is computed from: a stored tensor, or an exact operation on such. Shapes are known
 * at once; numbers are read when they are asked for. Equal expressions are one object.
 */
import type { DataType, Numbers } from "./data-type.js";
import type { CheckedTensor } from "./tensor-data.js";

/** Reads a stretch of one of an operation's inputs. */
export type ReadInput = (input: number, from: number, count: number) => Promise<Numbers>;

/** How numbers `from` … `from + count` of an operation are made of no more of its inputs than they need. */
export type ReadPart = (from: number, count: number, read: ReadInput) => Promise<Numbers>;

export interface Expression {
  readonly id: number;
  /** The operation; "" for a stored tensor. */
  readonly op: string;
  readonly shape: readonly number[];
  readonly count: number;
  readonly type: DataType;
  readonly inputs: readonly Expression[];
  readonly tensor: CheckedTensor | undefined;
  /** Operations on top of each other. */
  readonly depth: number;
  readonly compute: (inputs: readonly Numbers[]) => Numbers;
  readonly part: ReadPart | undefined;
}

export interface Operation {
  readonly op: string;
  /** Everything that tells it from another one of the same name. */
  readonly parameters: unknown;
  readonly shape: readonly number[];
  readonly type: DataType;
  readonly inputs: readonly Expression[];
  /** All of it at once. */
  readonly compute: (inputs: readonly Numbers[]) => Numbers;
  /** A stretch of it. Without, all of it is computed for any stretch: for what is small. */
  readonly part?: ReadPart;
}

const MAX_DEPTH = 64;
const ALWAYS_ALLOWED = 1 << 20;

export class Expressions {
  readonly #made = new Map<string, Expression>();
  readonly #leaves = new Map<CheckedTensor, Expression>();
  readonly #most: number;
  #next = 0;

  /** @param bytes size of the model's files, with up to four numbers in a byte: a constant of many more isn't weights */
  constructor(bytes: number) {
    this.#most = Math.max(4 * bytes, ALWAYS_ALLOWED);
  }

  stored(tensor: CheckedTensor, type: DataType): Expression {
    let leaf = this.#leaves.get(tensor);
    if (leaf === undefined) {
      leaf = this.#make({ op: "", parameters: null, shape: tensor.shape, type, inputs: [], compute: none }, tensor);
      this.#leaves.set(tensor, leaf);
    }
    return leaf;
  }

  /** Few numbers that are written out in a node. */
  literal(numbers: Numbers, shape: readonly number[], type: DataType): Expression {
    const parameters = [type.name, Array.from(numbers)];
    return this.apply({
      op: "Constant",
      parameters,
      shape,
      type,
      inputs: [],
      compute: () => numbers.slice(),
    }) as Expression;
  }

  /** A string says why it can't be. */
  apply(operation: Operation): Expression | string {
    const { op, parameters, shape, inputs, type } = operation;
    const key = JSON.stringify([op, parameters, shape, type.name, inputs.map(({ id }) => id)]);
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const made = this.#make(operation, undefined);
    if (made.depth > MAX_DEPTH) return `passes through more than ${MAX_DEPTH} operations`;
    if (made.count > this.#most) return `${op} makes ${made.count} numbers of it`;
    this.#made.set(key, made);
    return made;
  }

  #make({ op, shape, type, inputs, compute, part }: Operation, tensor: CheckedTensor | undefined): Expression {
    const count = shape.reduce((total, size) => total * size, 1);
    const depth = inputs.reduce((most, input) => Math.max(most, input.depth + 1), 0);
    return { id: this.#next++, op, shape, count, type, inputs, tensor, depth, compute, part };
  }
}

const none = (): never => {
  throw new TypeError("A stored tensor is read, not computed.");
};

/** All numbers. What it needs is read, each tensor once. */
async function evaluate(expression: Expression, done = new Map<Expression, Numbers>()): Promise<Numbers> {
  const known = done.get(expression);
  if (known !== undefined) return known;
  let numbers: Numbers;
  if (expression.tensor !== undefined) numbers = await expression.tensor.read();
  else {
    const inputs: Numbers[] = [];
    for (const input of expression.inputs) inputs.push(await evaluate(input, done));
    numbers = expression.compute(inputs);
  }
  done.set(expression, numbers);
  return numbers;
}

const OVERDRAWN = Symbol("more was read than the expression has");

/**
 * Numbers `from` … `from + count`, reading no more than they are made of. Where an expression uses its inputs so often over
 * that this would be more work than computing all of it once, all of it is computed once.
 *
 * @throws EnergyError `invalid-file`
 */
export async function readPart(expression: Expression, from: number, count: number): Promise<Numbers> {
  const budget = { left: 16 * totalOf(expression, new Set()) + ALWAYS_ALLOWED };
  const read = async (of: Expression, first: number, length: number): Promise<Numbers> => {
    budget.left -= length;
    if (budget.left < 0) throw OVERDRAWN;
    if (of.tensor !== undefined) return of.tensor.read(first, length);
    if (of.part !== undefined) return of.part(first, length, (input, at, size) => read(of.inputs[input]!, at, size));
    const inputs: Numbers[] = [];
    for (const input of of.inputs) inputs.push(await read(input, 0, input.count));
    return stretch(of.compute(inputs), first, length);
  };
  try {
    return await read(expression, from, count);
  } catch (error) {
    if (error !== OVERDRAWN) throw error;
    return stretch(await evaluate(expression), from, count);
  }
}

function stretch(numbers: Numbers, from: number, count: number): Numbers {
  return count === numbers.length ? numbers : (numbers.slice(from, from + count) as Numbers);
}

/** Numbers of it and of everything that it is made of. */
function totalOf(expression: Expression, seen: Set<Expression>): number {
  if (seen.has(expression)) return 0;
  seen.add(expression);
  return expression.inputs.reduce((total, input) => total + totalOf(input, seen), expression.count);
}

/** Whether a stretch costs no more than what it is made of. */
export function isInParts(expression: Expression): boolean {
  return [...allTensorsOf(expression, new Set())].every((tensor) => tensor.inParts);
}

function allTensorsOf(expression: Expression, seen: Set<Expression>, found = new Set<CheckedTensor>()) {
  if (seen.has(expression)) return found;
  seen.add(expression);
  if (expression.tensor !== undefined) found.add(expression.tensor);
  for (const input of expression.inputs) allTensorsOf(input, seen, found);
  return found;
}

const FEW = 4096;

/** The numbers at once, where they are few and were kept when the file was parsed. */
export function evaluateKept(
  expression: Expression,
  done = new Map<Expression, Numbers | undefined>(),
): Numbers | undefined {
  if (done.has(expression)) return done.get(expression);
  let numbers: Numbers | undefined;
  if (expression.count > FEW) numbers = undefined;
  else if (expression.tensor !== undefined) numbers = expression.tensor.kept();
  else {
    const inputs = expression.inputs.map((input) => evaluateKept(input, done));
    numbers = inputs.every((input) => input !== undefined) ? expression.compute(inputs) : undefined;
  }
  done.set(expression, numbers);
  return numbers;
}

/** Operations whose other inputs are parameters (scales, zero points), not numbers that become part of the result. */
const FIRST_ONLY: ReadonlySet<string> = new Set(["DequantizeLinear", "QuantizeLinear", "zero point", "4-bit table"]);

/** The stored tensors whose numbers it holds. */
export function sourcesOf(expression: Expression): Set<CheckedTensor> {
  const sources = new Set<CheckedTensor>();
  const seen = new Set<Expression>();
  const visit = (next: Expression) => {
    if (seen.has(next)) return;
    seen.add(next);
    if (next.tensor !== undefined) sources.add(next.tensor);
    if (FIRST_ONLY.has(next.op)) visit(next.inputs[0]!);
    else next.inputs.forEach(visit);
  };
  visit(expression);
  return sources;
}
