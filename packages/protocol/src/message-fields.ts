import type { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { BoundedReader } from './bounded-reader.ts';

const VARINT = 0;
const LENGTH_DELIMITED = 2;

/** Nothing was read: the bytes are those of a field that is not known. */
export const NOT_MINE: unique symbol = Symbol('not mine');

/** How one value of a field is read and written. `isDefault` values are not written. */
export interface Kind<T> {
  readonly wireType: 0 | 2;
  /** Shared by all that have it: never changed. */
  readonly zero: T;
  readonly isDefault: (value: T) => boolean;
  /** Merges into `before` where the kind is a message and there is one. */
  readonly read: (reader: BoundedReader, before: T | undefined) => T;
  readonly write: (writer: BinaryWriter, value: T) => void;
}

/** One field of a message: its number, and what it does with a value of that message. */
export interface Field<T> {
  readonly number: number;
  /** Shared by all messages without this field: never changed. */
  readonly empty: T;
  /** The field's value after one more occurrence; `NOT_MINE` when the wire type is not the field's. */
  readonly read: (reader: BoundedReader, wireType: number, before: T) => T | typeof NOT_MINE;
  readonly write: (writer: BinaryWriter, value: T) => void;
}

function number64(name: 'int64' | 'uint64'): Kind<bigint> {
  return {
    wireType: VARINT,
    zero: 0n,
    isDefault: (value) => value === 0n,
    // A string only where the platform has no BigInt.
    read: (reader) => reader[name]() as bigint,
    write: (writer, value) => void writer[name](value),
  };
}

function number32(name: 'int32' | 'uint32'): Kind<number> {
  return {
    wireType: VARINT,
    zero: 0,
    isDefault: (value) => value === 0,
    read: (reader) => reader[name](),
    write: (writer, value) => void writer[name](value),
  };
}

export const int64 = number64('int64');
export const uint64 = number64('uint64');
export const int32 = number32('int32');
export const uint32 = number32('uint32');

export const bool: Kind<boolean> = {
  wireType: VARINT,
  zero: false,
  isDefault: (value) => !value,
  read: (reader) => reader.bool(),
  write: (writer, value) => void writer.bool(value),
};

export const text: Kind<string> = {
  wireType: LENGTH_DELIMITED,
  zero: '',
  isDefault: (value) => value === '',
  // Strict: invalid UTF-8 is refused, as in Go.
  read: (reader) => reader.string(true),
  write: (writer, value) => void writer.string(value),
};

export const bytes: Kind<Uint8Array> = {
  wireType: LENGTH_DELIMITED,
  zero: new Uint8Array(0),
  isDefault: (value) => value.length === 0,
  read: (reader) => reader.bytes(),
  write: (writer, value) => void writer.bytes(value),
};

/** A number, text or bytes: absent means its zero. */
export function scalar<T>(number: number, kind: Kind<T>): Field<T> {
  return {
    number,
    empty: kind.zero,
    read: (reader, wireType) => (wireType === kind.wireType ? kind.read(reader, undefined) : NOT_MINE),
    write: (writer, value) => {
      if (!kind.isDefault(value)) kind.write(writer.tag(number, kind.wireType), value);
    },
  };
}

/** A message that may be absent. Occurrences after the first are merged, as protobuf asks. */
export function optional<T>(number: number, kind: Kind<T>): Field<T | undefined> {
  return {
    number,
    empty: undefined,
    read: (reader, wireType, before) => (wireType === kind.wireType ? kind.read(reader, before) : NOT_MINE),
    write: (writer, value) => {
      if (value !== undefined) kind.write(writer.tag(number, kind.wireType), value);
    },
  };
}

/** Any number of values. Numbers are written packed, and read packed or not. */
export function list<T>(number: number, kind: Kind<T>): Field<readonly T[]> {
  const packable = kind.wireType === VARINT;
  const empty: readonly T[] = Object.freeze([]);
  return {
    number,
    empty,
    read: (reader, wireType, before) => {
      const packed = packable && wireType === LENGTH_DELIMITED;
      if (!packed && wireType !== kind.wireType) return NOT_MINE;
      // A list that was begun here grows in place: nobody else holds it yet.
      const values = before === empty ? [] : (before as T[]);
      if (!packed) {
        values.push(kind.read(reader, undefined));
        return values;
      }
      const end = reader.uint32() + reader.pos;
      if (end > reader.len) throw new RangeError('premature EOF');
      while (reader.pos < end) {
        reader.count();
        values.push(kind.read(reader, undefined));
      }
      if (reader.pos !== end) throw new RangeError('a packed list ends inside a number');
      return values;
    },
    write: (writer, values) => {
      if (values.length === 0) return;
      if (packable) {
        writer.tag(number, LENGTH_DELIMITED).fork();
        for (const value of values) kind.write(writer, value);
        writer.join();
      } else {
        for (const value of values) kind.write(writer.tag(number, kind.wireType), value);
      }
    },
  };
}
