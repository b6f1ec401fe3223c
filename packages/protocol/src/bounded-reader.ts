import { BinaryReader } from '@bufbuild/protobuf/wire';
import { WireError } from './wire-error.ts';

/**
 * Fields that are read of one message, those of nested ones and elements of lists included. Each costs microseconds: without
 * a limit a peer could keep a server busy with a small message. 600 tickets have about 1,800, 600 priced models 7,200.
 */
export const MAX_MESSAGE_FIELDS = 8192;

/** A reader that stops after so many fields, those of the readers inside it included. */
export class BoundedReader extends BinaryReader {
  readonly #left: { fields: number };

  constructor(bytes: Uint8Array, left = { fields: MAX_MESSAGE_FIELDS }) {
    super(bytes);
    this.#left = left;
  }

  override tag(): ReturnType<BinaryReader['tag']> {
    this.count();
    return super.tag();
  }

  /**
   * Counts an element that has no tag of its own.
   *
   * @throws WireError `too-large`
   */
  count(): void {
    if (--this.#left.fields >= 0) return;
    throw new WireError('too-large', `a message has more than ${MAX_MESSAGE_FIELDS} fields`);
  }

  /** Reads a length, and then only so many bytes: what is nested stays inside them. */
  inside(): BoundedReader {
    return new BoundedReader(this.bytes(), this.#left);
  }
}
