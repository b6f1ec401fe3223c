import * as z from 'zod/mini';
import { WireError } from './wire-error.ts';

/**
 * Reads a JSON value by a schema of this package.
 *
 * @throws WireError `invalid-field` with the first problem and its path
 */
export function decodeWith<Schema extends z.core.$ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  throw problem(result.error);
}

/**
 * The JSON value for `stringifyJson`, by a schema of this package.
 *
 * @throws WireError `invalid-field` with the first problem and its path
 */
export function encodeWith<Schema extends z.core.$ZodType>(
  schema: Schema,
  value: z.output<Schema>,
): z.input<Schema> {
  const result = z.safeEncode(schema, value);
  if (result.success) return result.data;
  throw problem(result.error);
}

function problem(error: z.core.$ZodError): WireError {
  const issue = deepest(error.issues[0]);
  if (issue === undefined) return new WireError('invalid-field', 'invalid value');
  const path = formatPath(issue.path);
  const options = path === '' ? {} : { path };
  const { message } = issue;
  // Our complaints start in lower case, zod's own with a capital. Upstream's sentences name the field themselves:
  // in a list they lack only the entry.
  if (/^(?!must )[a-z]/.test(message)) {
    const entry = issue.path.findLastIndex((key) => typeof key === 'number');
    const prefix = entry === -1 ? '' : `${formatPath(issue.path.slice(0, entry + 1))}: `;
    return new WireError('invalid-field', prefix + message, options);
  }
  const complaint = message.startsWith('must ') ? message : describe(issue);
  return new WireError('invalid-field', `${path === '' ? 'value' : path} ${complaint}`, options);
}

// Of a union, the branch that went furthest tells most.
function deepest(issue: z.core.$ZodIssue | undefined): z.core.$ZodIssue | undefined {
  if (issue?.code !== 'invalid_union') return issue;
  const [best] = issue.errors.map((branch) => branch[0]).toSorted((a, b) => length(b) - length(a));
  return best === undefined ? issue : { ...best, path: [...issue.path, ...best.path] };
}

function length(issue: z.core.$ZodIssue | undefined): number {
  return issue?.path.length ?? 0;
}

function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return `must be of type ${issue.expected}`;
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}`;
  if (issue.code === 'too_small') return `must be at least ${issue.minimum}`;
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}`;
  return 'is not valid';
}

function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}
