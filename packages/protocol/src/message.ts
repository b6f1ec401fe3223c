import type { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { BoundedReader } from './bounded-reader.ts';
import { type Field, type Kind, NOT_MINE, scalar } from './message-fields.ts';

// Each field is read and written by itself; what its values are is known to `Message` alone.
// oxlint-disable-next-line typescript/no-explicit-any
type AnyField = Field<any>;

/** The fields of a message by name. */
export type Fields = Readonly<Record<string, AnyField>>;

/** A decoded message: every field is there. */
export type Message<F extends Fields> = {
  -readonly [Name in keyof F]: F[Name] extends Field<infer T> ? T : never;
};

/** The message type with these fields, as a kind of value. */
export interface MessageType<F extends Fields> extends Kind<Message<F>> {
  readonly name: string;
  /** Reads until the reader's end, without a length in front; merges into a copy of `start` where it is given. */
  readonly readAll: (reader: BoundedReader, start?: Message<F>) => Message<F>;
  /** Writes the fields, without a length in front. */
  readonly writeAll: (writer: BinaryWriter, value: Message<F>) => void;
}

/** Value of a message type. */
export type MessageOf<Type> = Type extends MessageType<infer F> ? Message<F> : never;

/** Describes a message type. Fields are written in the order given: keep it that of their numbers. */
export function messageType<F extends Fields>(name: string, fields: F): MessageType<F> {
  const entries = Object.entries(fields);
  const byNumber: (readonly [string, AnyField] | undefined)[] = [];
  for (const entry of entries) byNumber[entry[1].number] = entry;
  // Every key of `fields` is set, so it is a whole message.
  const zero = Object.fromEntries(entries.map(([key, field]) => [key, field.empty])) as Message<F>;

  const readAll = (reader: BoundedReader, start: Message<F> = zero): Message<F> => {
    const message = { ...start };
    const values: Record<string, unknown> = message;
    while (reader.pos < reader.len) {
      const [number, wireType] = reader.tag();
      const entry = byNumber[number];
      const value = entry === undefined ? NOT_MINE : entry[1].read(reader, wireType, values[entry[0]]);
      if (entry === undefined || value === NOT_MINE) reader.skip(wireType, number);
      else values[entry[0]] = value;
    }
    if (reader.pos > reader.len) throw new RangeError('premature EOF');
    return message;
  };
  const writeAll = (writer: BinaryWriter, value: Message<F>): void => {
    const values: Readonly<Record<string, unknown>> = value;
    for (const [key, field] of entries) field.write(writer, values[key]);
  };
  return {
    name,
    readAll,
    writeAll,
    wireType: 2,
    zero,
    isDefault: () => false,
    read: (reader, before) => readAll(reader.inside(), before),
    write: (writer, value) => {
      writer.fork();
      writeAll(writer, value);
      writer.join();
    },
  };
}

/** A map: on the wire a list of entries, where a later one with the same key wins. */
export function map<K, V>(number: number, key: Kind<K>, value: Kind<V>): Field<ReadonlyMap<K, V>> {
  const entry = messageType('map entry', { key: scalar(1, key), value: scalar(2, value) });
  const empty: ReadonlyMap<K, V> = new Map();
  return {
    number,
    empty,
    read: (reader, wireType, before) => {
      if (wireType !== 2) return NOT_MINE;
      const read = entry.read(reader, undefined);
      // A map that was begun here grows in place: nobody else holds it yet.
      const values = before === empty ? new Map<K, V>() : (before as Map<K, V>);
      return values.set(read.key, read.value);
    },
    write: (writer, values) => {
      // Both parts of an entry are written, also when they are zero, as Go does.
      for (const [name, item] of values) {
        writer.tag(number, 2).fork();
        key.write(writer.tag(1, key.wireType), name);
        value.write(writer.tag(2, value.wireType), item);
        writer.join();
      }
    },
  };
}
