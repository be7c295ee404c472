/**
 * What each opcode of a pickle does: those that make a value, which is pushed, and those that do something else with the
 * stack. EXT1, EXT2 and EXT4 (a registry of the process's own) and the out-of-band buffers of protocol 5 can't stand in a
 * file, and are in neither list.
 *
 * Source: CPython, Lib/pickletools.py (protocols 0 to 5).
 */
import type { Machine } from "./machine.js";
import { escapedText, oldFloat, oldInteger, quotedText } from "./old-text.js";
import { PickleProblem } from "./pickle-cursor.js";
import { PickleDict, PickleList, PickleSet, PickleTuple, type PickleValue } from "./values.js";

const values: Readonly<Record<string, (machine: Machine) => PickleValue>> = {
  // NONE, NEWTRUE, NEWFALSE
  N: () => null,
  "\x88": () => true,
  "\x89": () => false,
  // INT, LONG, BININT, BININT1, BININT2, LONG1, LONG4
  I: ({ cursor }) => oldInteger(cursor.line()),
  L: ({ cursor }) => oldInteger(cursor.line()),
  J: ({ cursor }) => cursor.int32(),
  K: ({ cursor }) => cursor.uint8(),
  M: ({ cursor }) => cursor.uint16(),
  "\x8a": ({ cursor }) => cursor.integer(cursor.uint8()),
  "\x8b": ({ cursor }) => cursor.integer(cursor.uint32()),
  // FLOAT, BINFLOAT
  F: ({ cursor }) => oldFloat(cursor.line()),
  G: ({ cursor }) => cursor.float64(),
  // STRING, BINSTRING, SHORT_BINSTRING: Python 2's, text or bytes
  S: ({ cursor }) => quotedText(cursor.byteLine()),
  T: ({ cursor }) => cursor.byteText(cursor.uint32()),
  U: ({ cursor }) => cursor.byteText(cursor.uint8()),
  // UNICODE, SHORT_BINUNICODE, BINUNICODE, BINUNICODE8
  V: ({ cursor }) => escapedText(cursor.byteLine()),
  "\x8c": ({ cursor }) => cursor.text(cursor.uint8()),
  X: ({ cursor }) => cursor.text(cursor.uint32()),
  "\x8d": ({ cursor }) => cursor.text(cursor.length64()),
  // SHORT_BINBYTES, BINBYTES, BINBYTES8, BYTEARRAY8
  C: ({ cursor }) => cursor.take(cursor.uint8()),
  B: ({ cursor }) => cursor.take(cursor.uint32()),
  "\x8e": ({ cursor }) => cursor.take(cursor.length64()),
  "\x96": ({ cursor }) => cursor.take(cursor.length64()),
  // EMPTY_TUPLE, TUPLE1, TUPLE2, TUPLE3, TUPLE
  ")": () => new PickleTuple([]),
  "\x85": (machine) => machine.popTuple(1),
  "\x86": (machine) => machine.popTuple(2),
  "\x87": (machine) => machine.popTuple(3),
  t: (machine) => new PickleTuple(machine.popMark()),
  // EMPTY_LIST, LIST, EMPTY_SET, FROZENSET, EMPTY_DICT
  "]": () => new PickleList(),
  l: (machine) => new PickleList(machine.popMark()),
  "\x8f": () => new PickleSet(),
  "\x91": (machine) => new PickleSet(machine.popMark()),
  "}": () => new PickleDict(),
  // GLOBAL, STACK_GLOBAL
  c({ cursor, builder }) {
    const module = cursor.line();
    return builder.find(module, cursor.line());
  },
  "\x93"(machine) {
    const name = machine.popText();
    return machine.builder.find(machine.popText(), name);
  },
  // REDUCE, NEWOBJ, NEWOBJ_EX (whose keywords go unused), INST, OBJ
  R(machine) {
    const args = machine.popArguments();
    return machine.builder.call(machine.pop(), args);
  },
  "\x81"(machine) {
    const args = machine.popArguments();
    return machine.builder.create(machine.pop(), args);
  },
  "\x92"(machine) {
    machine.pop();
    const args = machine.popArguments();
    return machine.builder.create(machine.pop(), args);
  },
  i(machine) {
    const module = machine.cursor.line();
    const type = machine.builder.find(module, machine.cursor.line());
    return machine.builder.call(type, machine.popMark());
  },
  o(machine) {
    const [type, ...args] = machine.popMark();
    if (type === undefined) throw new PickleProblem("its pickle makes an object of no class");
    return machine.builder.call(type, args);
  },
  // PERSID, BINPERSID
  P: ({ cursor, builder }) => builder.persistent(cursor.line()),
  Q: (machine) => machine.builder.persistent(machine.pop()),
};

const others: Readonly<Record<string, (machine: Machine) => void>> = {
  // PROTO, FRAME (a hint for streams: what it frames is read as it comes)
  "\x80"({ cursor }) {
    const version = cursor.uint8();
    if (version > 5) throw new PickleProblem(`its pickle has protocol ${version}; expected at most 5`);
  },
  "\x95": ({ cursor }) => void cursor.length64(),
  // MARK, POP, POP_MARK, DUP
  "(": (machine) => machine.mark(),
  "0": (machine) => machine.discard(),
  "1": (machine) => void machine.popMark(),
  "2": (machine) => machine.pushAgain(machine.top()),
  // APPEND, APPENDS, ADDITEMS
  a: (machine) => machine.append([machine.pop()]),
  e: (machine) => machine.append(machine.popMark()),
  "\x90": (machine) => machine.append(machine.popMark()),
  // DICT, SETITEM, SETITEMS
  d(machine) {
    const pairs = machine.popMark();
    machine.push(new PickleDict());
    machine.setItems(pairs);
  },
  s(machine) {
    const value = machine.pop();
    machine.setItems([machine.pop(), value]);
  },
  u: (machine) => machine.setItems(machine.popMark()),
  // BUILD
  b: (machine) => machine.build(machine.pop()),
  // PUT, BINPUT, LONG_BINPUT, MEMOIZE
  p: (machine) => machine.keep(oldInteger(machine.cursor.line())),
  q: (machine) => machine.keep(machine.cursor.uint8()),
  r: (machine) => machine.keep(machine.cursor.uint32()),
  "\x94": (machine) => machine.keepNext(),
  // GET, BINGET, LONG_BINGET
  g: (machine) => machine.recall(oldInteger(machine.cursor.line())),
  h: (machine) => machine.recall(machine.cursor.uint8()),
  j: (machine) => machine.recall(machine.cursor.uint32()),
};

/** What to do, by the opcode's byte. STOP, a dot, is in the loop that runs them. */
export const opcodes: readonly (((machine: Machine) => void) | undefined)[] = Array.from({ length: 256 }, (_, code) => {
  const character = String.fromCharCode(code);
  const make = Object.hasOwn(values, character) ? values[character] : undefined;
  if (make !== undefined) return (machine) => machine.push(make(machine));
  return Object.hasOwn(others, character) ? others[character] : undefined;
});
