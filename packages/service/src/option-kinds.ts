import { z } from 'zod';
import { type Defined, type Option, type OptionSettings, option } from './option.ts';

/** Any text of 1 to `maxLength` (default 4096) characters. */
export function text<const S extends OptionSettings>(
  settings: S & { readonly maxLength?: number },
): Defined<S, string> {
  const max = settings.maxLength ?? 4096;
  return option(z.string().min(1).max(max), { ...settings, allowed: `text of 1 to ${max} characters` });
}

/** A whole number from `min` to `max`, both included. */
export function integer<const S extends OptionSettings>(
  settings: S & { readonly min: number; readonly max: number },
): Defined<S, number> {
  const { min, max } = settings;
  const schema = z
    .string()
    .regex(/^-?\d{1,16}$/)
    .transform(Number)
    .pipe(z.int().min(min).max(max));
  return option(schema, { placeholder: 'n', ...settings, allowed: `a whole number from ${min} to ${max}` });
}

/** A TCP port; 0 takes any free one. */
export function port<const S extends OptionSettings>(settings: S): Defined<S, number> {
  return integer({ placeholder: 'port', ...settings, min: 0, max: 65_535 }) as Defined<S, number>;
}

/** A whole amount of wei, 0 or more, exact. */
export function wei<const S extends OptionSettings>(settings: S): Defined<S, bigint> {
  const schema = z
    .string()
    .regex(/^\d{1,78}$/)
    .transform((digits) => BigInt(digits));
  return option(schema, { placeholder: 'wei', ...settings, allowed: 'a whole number of wei, 0 or more' });
}

/** Denominators of 0 are none. */
const decimalText = z.string().regex(/^\d{1,40}(\.\d{1,40})?(\/0*[1-9]\d{0,39})?$/);

/** A decimal number or fraction, kept as text for exact arithmetic, such as `0.36` or `10/9`. */
export function decimal<const S extends OptionSettings>(settings: S): Defined<S, string> {
  return option(decimalText, {
    placeholder: 'number',
    ...settings,
    allowed: 'a number, 0 or more, such as 0.36 or 10/9',
  });
}

/** The same without 0. */
export function positiveDecimal<const S extends OptionSettings>(settings: S): Defined<S, string> {
  return option(
    decimalText.refine((text) => /^[^/]*[1-9]/.test(text)),
    { placeholder: 'number', ...settings, allowed: 'a number above 0, such as 0.36 or 10/9' },
  );
}

/** One of the named words. */
export function choice<const W extends readonly [string, ...string[]], const S extends OptionSettings>(
  words: W,
  settings: S,
): Defined<S, W[number]> {
  const schema = z.string().pipe(z.enum(words)) as unknown as z.ZodType<W[number], string>;
  return option(schema, { placeholder: words.join('|'), ...settings, allowed: `one of ${words.join(', ')}` });
}

const httpUrl = z
  .string()
  .max(2048)
  .refine((value) => {
    const url = URL.parse(value);
    return url !== null && (url.protocol === 'http:' || url.protocol === 'https:') && url.username === '';
  });

/** An absolute http(s) URL without user name and password. Kept as text. */
export function url<const S extends OptionSettings>(settings: S): Defined<S, string> {
  return option(httpUrl, {
    placeholder: 'url',
    ...settings,
    allowed: 'an http or https URL without credentials',
  });
}

/** A 20-byte address as 0x and 40 hexadecimal digits. Given back in lower case. */
export function address<const S extends OptionSettings>(settings: S): Defined<S, `0x${string}`> {
  const schema = z
    .string()
    .regex(/^0x[0-9a-fA-F]{40}$/)
    .transform((value) => value.toLowerCase() as `0x${string}`);
  return option(schema, {
    placeholder: 'address',
    ...settings,
    allowed: 'an address: 0x and 40 hexadecimal digits',
  });
}

function listOf(item: z.ZodType<string, string>): z.ZodType<readonly string[], string> {
  return z
    .string()
    .transform((value) => value.split(',').flatMap((part) => part.trim() || []))
    .pipe(z.array(item).max(1000));
}

/** Comma-separated texts. Empty parts are dropped; `default: ''` is an empty list. */
export function list<const S extends OptionSettings>(settings: S): Defined<S, readonly string[]> {
  return option(listOf(z.string().max(4096)), {
    placeholder: 'a,b',
    ...settings,
    allowed: 'texts separated by commas',
  });
}

/** Comma-separated http(s) URLs. */
export function urlList<const S extends OptionSettings>(settings: S): Defined<S, readonly string[]> {
  return option(listOf(httpUrl), {
    placeholder: 'url,url',
    ...settings,
    allowed: 'http or https URLs without credentials, separated by commas',
  });
}

const webOrigin = z
  .string()
  .transform((value) => value.replace(/\/$/, ''))
  .refine((value) => {
    const url = URL.parse(value);
    return url !== null && url.protocol.startsWith('http') && url.origin === value;
  });

/** Comma-separated web origins as browsers send them; an end slash is dropped. `*` is none: name who may call. */
export function originList<const S extends OptionSettings>(settings: S): Defined<S, readonly string[]> {
  return option(listOf(webOrigin), {
    placeholder: 'origin,origin',
    ...settings,
    allowed: 'web origins without path, such as https://app.example, separated by commas; not *',
  });
}

const TRUTH: Readonly<Record<string, boolean>> = {
  true: true,
  '1': true,
  yes: true,
  false: false,
  '0': false,
  no: false,
};

/** True or false. The flag alone means true; `--no-<flag>` means false. Default false. */
export function toggle<const S extends Omit<OptionSettings, 'required'>>(settings: S): Option<boolean> {
  const schema = z
    .string()
    .refine((value) => Object.hasOwn(TRUTH, value))
    .transform((value) => TRUTH[value] === true);
  return option(schema, {
    describe: settings.describe,
    default: settings.default ?? 'false',
    placeholder: 'true|false',
    allowed: 'true or false',
    kind: 'switch',
  });
}

/**
 * A file whose trimmed text is the value: flag `--<name>-file`, variable `..._FILE`.
 * A `confidential` one (default true) that others than its owner can read gives a warning.
 */
export function file<const S extends OptionSettings>(
  settings: S & { readonly maxBytes?: number; readonly confidential?: boolean },
): Defined<S, string> {
  const maxBytes = settings.maxBytes ?? 64 * 1024;
  const row: Option<string> = {
    ...(option(z.string().min(1), {
      describe: settings.describe,
      required: true,
      kind: 'file',
      placeholder: 'path',
      allowed: `the path of a readable text file of 1 to ${maxBytes} bytes`,
    }) as Option<string>),
    fallback: settings.default,
    required: settings.required ?? false,
    maxBytes,
    confidential: settings.confidential ?? true,
  };
  return row as Defined<S, string>;
}

/** A secret: from the environment or the file of `--env-file`, never from a flag, never printed. */
export function secret<const S extends OptionSettings>(settings: S): Defined<S, string> {
  return option(z.string().min(1).max(8192), {
    ...settings,
    allowed: 'text of 1 to 8192 characters',
    kind: 'secret',
  });
}
