import type * as z from 'zod/mini';
import { JsonDecimal } from './json.ts';

// The part of zod's own description of a schema that matters here; typed by hand because it differs per kind.
interface Definition {
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
  readonly innerType?: z.core.$ZodType;
  readonly element?: z.core.$ZodType;
}

/**
 * Renames the keys of a JSON value to those of the schema, as Go's decoder would: an exact match or one that
 * differs only in case, a later duplicate wins, `null` counts as absent (remote-signer.md section 1.3). Nested
 * objects and arrays of objects follow their schemas; keys that the schema does not know are dropped.
 */
export function foldKeys(schema: z.core.$ZodType, value: unknown): unknown {
  const { shape, innerType, element } = schema._zod.def as Definition;
  if (innerType !== undefined) return foldKeys(innerType, value);
  if (Array.isArray(value)) {
    return element === undefined ? value : value.map((item) => foldKeys(element, item));
  }
  if (shape === undefined || typeof value !== 'object' || value === null) return value;
  if (value instanceof JsonDecimal) return value.text; // a number is no object: the schema refuses it
  const names = new Map(Object.keys(shape).map((name) => [name.toLowerCase(), name]));
  const folded: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const name = Object.hasOwn(shape, key) ? key : names.get(key.toLowerCase());
    const inner = name === undefined ? undefined : shape[name];
    if (name === undefined || inner === undefined || item === null || item === undefined) continue;
    folded[name] = foldKeys(inner, item);
  }
  return folded;
}
