import { scanJson } from './json-scan.ts';
import { WireError } from './wire-error.ts';

/** Default limit of `parseJson`, in bytes: what upstream reads of a discovery answer. */
export const MAX_JSON_BYTES = 1024 * 1024;
const MAX_DEPTH = 64;

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** A JSON number with a fraction or an exponent, kept as it was written. */
export class JsonDecimal {
  /** The number's text, for example `0.10` or `1e-7`. */
  readonly text: string;

  /** @throws WireError `invalid-field` when the text is not a JSON number */
  constructor(text: string) {
    if (!/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)) {
      throw new WireError('invalid-field', 'not a JSON number');
    }
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

// ECMAScript's "JSON.parse source text access": in Node 22 and every current browser, not yet in TypeScript's lib.
interface ExactJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): unknown;
}
const exactJson = JSON as unknown as ExactJson;

/**
 * Reads JSON without losing digits: whole numbers beyond 2^53 become `bigint`, other numbers that are not plain
 * integers become `JsonDecimal`. Invalid UTF-8 reads as U+FFFD, as in Go.
 *
 * @throws WireError `too-large` above `maxBytes` (default 1 MiB) or 64 levels, `malformed-json`
 */
export function parseJson(input: string | Uint8Array, options: { maxBytes?: number } = {}): unknown {
  const limit = options.maxBytes ?? MAX_JSON_BYTES;
  if (input.length > limit) throw new WireError('too-large', `JSON of more than ${limit} bytes`);
  const text = typeof input === 'string' ? input : utf8.decode(input);
  const { depth, inexact } = scanJson(text);
  if (depth > MAX_DEPTH) throw new WireError('too-large', `JSON of more than ${MAX_DEPTH} levels`);
  try {
    if (!inexact) return JSON.parse(text);
    return exactJson.parse(text, (_key, value, { source }) =>
      typeof value === 'number' && source !== undefined ? exactNumber(value, source) : value,
    );
  } catch (cause) {
    // The engine's message quotes the input, which may hold a secret: say only that it is not JSON.
    throw new WireError('malformed-json', 'not valid JSON', { cause: new Error(syntaxHint(cause)) });
  }
}

/**
 * Prints JSON as Go does: `bigint` as a bare number, `JsonDecimal` verbatim, and `<`, `>`, `&`, U+2028, U+2029
 * escaped (live-runner.md section 1). No trailing newline.
 */
export function stringifyJson(value: unknown): string {
  const text = JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === 'bigint') return exactJson.rawJSON(item.toString());
    if (item instanceof JsonDecimal) return exactJson.rawJSON(item.text);
    return item;
  });
  return text.replaceAll(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function exactNumber(value: number, source: string): unknown {
  if (/[.eE]/.test(source)) return new JsonDecimal(source);
  return Number.isSafeInteger(value) ? value : BigInt(source);
}

function syntaxHint(cause: unknown): string {
  const at = cause instanceof Error ? /position \d+/.exec(cause.message)?.[0] : undefined;
  return at === undefined ? 'syntax error' : `syntax error at ${at}`;
}
