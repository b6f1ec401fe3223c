import { z } from 'zod';

/**
 * How an option reaches the program.
 * - `value`: flag and variable, with an argument;
 * - `switch`: flag and variable, true or false;
 * - `file`: flag and variable name a file, whose trimmed text is the value;
 * - `secret`: variable only (also from the file of `--env-file`), never a flag: arguments are visible to
 *   every process of the machine.
 */
export type OptionKind = 'value' | 'switch' | 'file' | 'secret';

/** One row of an app's option table. `T` is what the program gets. */
export interface Option<T> {
  readonly kind: OptionKind;
  /** One sentence for `--help` and `.env.example`. */
  readonly describe: string;
  /** What a good value is, in words, for messages and help; for example `a whole number from 0 to 65535`. */
  readonly allowed: string;
  /** The word in angle brackets in `--help`. */
  readonly placeholder: string;
  /** Default as text, read by the same schema; absent: none. */
  readonly fallback: string | undefined;
  /** Ends with exit code 2 when no source has a value. */
  readonly required: boolean;
  /** Text in, value out. Works synchronously. */
  readonly schema: z.ZodType<T, string>;
  /** For `file`: the most bytes that are read. */
  readonly maxBytes: number;
  /** For `file`: warn when the file can be read by others than its owner. */
  readonly confidential: boolean;
}

/** What every builder takes besides its own settings. */
export interface OptionSettings {
  readonly describe: string;
  /** Default as text. An option without a default and not `required` is undefined when nobody sets it. */
  readonly default?: string;
  readonly required?: boolean;
  readonly placeholder?: string;
}

/** The type of an option with these settings: undefined only when nothing fills it. */
export type Defined<S extends OptionSettings, T> = S extends
  | { readonly default: string }
  | { readonly required: true }
  ? Option<T>
  : Option<T | undefined>;

/** An option of any text schema: the builder for what the ready-made ones do not cover. */
export function option<T, const S extends OptionSettings>(
  schema: z.ZodType<T, string>,
  settings: S & { readonly allowed: string; readonly kind?: OptionKind },
): Defined<S, T> {
  const row: Option<T> = {
    kind: settings.kind ?? 'value',
    describe: settings.describe,
    allowed: settings.allowed,
    placeholder: settings.placeholder ?? 'text',
    fallback: settings.default,
    required: settings.required ?? false,
    schema,
    maxBytes: 1 << 20,
    confidential: false,
  };
  // The conditional type says only whether undefined is possible; TypeScript cannot follow it here.
  return row as Defined<S, T>;
}
