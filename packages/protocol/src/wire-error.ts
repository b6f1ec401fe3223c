/** What is wrong with a value from the wire. */
export type WireErrorCode =
  | 'malformed-json'
  | 'malformed-protobuf'
  | 'malformed-base64'
  | 'invalid-field'
  | 'too-large';

/** A value that cannot be read from, or written to, the wire. `message` never repeats the value itself. */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly code: WireErrorCode;
  /** Where in the value, for example `channels[3].name`; absent when the whole value is meant. */
  readonly path: string | undefined;

  constructor(code: WireErrorCode, message: string, options: { path?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.path = options.path;
  }
}
