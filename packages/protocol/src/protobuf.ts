import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { WireError } from './wire-error.ts';

/** Largest message that is read or written, in bytes. The largest known one, 600 tickets, has about 45 kB. */
export const MAX_MESSAGE_BYTES = 256 * 1024;

/**
 * Decodes one message. Unknown fields are dropped.
 *
 * @throws WireError `too-large`, `malformed-protobuf`
 */
export function readMessage<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> {
  checkSize(schema, bytes.length);
  // A Buffer hands out Buffers as sub-arrays: look at the same memory through a plain view.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  try {
    return fromBinary(schema, plain, { readUnknownFields: false });
  } catch (cause) {
    throw new WireError('malformed-protobuf', `not a ${schema.typeName} message: ${reason(cause)}`, {
      cause,
    });
  }
}

/**
 * Encodes one message, fields in order of their numbers.
 *
 * @throws WireError `invalid-field` when a number does not fit its field, `too-large`
 */
export function writeMessage<Desc extends DescMessage>(
  schema: Desc,
  message: MessageInitShape<Desc>,
): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = toBinary(schema, create(schema, message));
  } catch (cause) {
    throw new WireError('invalid-field', `${schema.typeName} cannot be written: ${reason(cause)}`, { cause });
  }
  checkSize(schema, bytes.length);
  return bytes;
}

function checkSize(schema: DescMessage, size: number): void {
  if (size <= MAX_MESSAGE_BYTES) return;
  throw new WireError('too-large', `${schema.typeName} has ${size} bytes; the limit is ${MAX_MESSAGE_BYTES}`);
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
