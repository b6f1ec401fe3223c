import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { BoundedReader } from './bounded-reader.ts';
import type { Fields, Message, MessageType } from './message.ts';
import { WireError } from './wire-error.ts';

/**
 * Largest message that is read or written, in bytes, unless its reader asks for another limit. The largest known payment,
 * 600 tickets, has about 45 kB.
 */
export const MAX_MESSAGE_BYTES = 256 * 1024;

/**
 * Decodes one message. Unknown fields are dropped.
 *
 * @throws WireError `too-large`, `malformed-protobuf`
 */
export function readMessage<F extends Fields>(
  type: MessageType<F>,
  bytes: Uint8Array,
  maxBytes = MAX_MESSAGE_BYTES,
): Message<F> {
  checkSize(type.name, bytes.length, maxBytes);
  // A Buffer hands out Buffers as sub-arrays: look at the same memory through a plain view.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  try {
    return type.readAll(new BoundedReader(plain));
  } catch (cause) {
    if (cause instanceof WireError) throw cause;
    throw new WireError('malformed-protobuf', `not a ${type.name} message: ${reason(cause)}`, { cause });
  }
}

/**
 * Encodes one message, fields in order of their numbers.
 *
 * @throws WireError `invalid-field` when a number does not fit its field, `too-large`
 */
export function writeMessage<F extends Fields>(type: MessageType<F>, message: Message<F>): Uint8Array {
  const writer = new BinaryWriter();
  try {
    type.writeAll(writer, message);
  } catch (cause) {
    throw new WireError('invalid-field', `${type.name} cannot be written: ${reason(cause)}`, { cause });
  }
  const bytes = writer.finish();
  checkSize(type.name, bytes.length, MAX_MESSAGE_BYTES);
  return bytes;
}

function checkSize(name: string, size: number, limit: number): void {
  if (size <= limit) return;
  throw new WireError('too-large', `${name} has ${size} bytes; the limit is ${limit}`);
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
