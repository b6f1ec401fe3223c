import type { Option } from './option.ts';

/** Rows by the name under which the program reads them (camel case). */
export type OptionRows = Readonly<Record<string, Option<unknown>>>;

/** The values of a table: what `loadConfig` gives back. */
export type Config<R extends OptionRows> = {
  readonly [K in keyof R]: R[K] extends Option<infer T> ? T : never;
};

/** An app's options: one table for flags, environment, defaults, `--help` and `.env.example`. */
export interface OptionTable<R extends OptionRows> {
  /** Command, such as `lp-signer`. */
  readonly name: string;
  /** One sentence: what the command does. */
  readonly describe: string;
  /** Start of every variable, such as `LP_SIGNER`. */
  readonly prefix: string;
  readonly rows: R;
}

/** The name of one option in its two spellings. */
export interface OptionNames {
  /** `--rpc-url`; null for secrets, which have no flag. */
  readonly flag: string | null;
  /** `LP_SIGNER_RPC_URL`. */
  readonly variable: string;
}

/** Declares an app's options. Variables are `<prefix>_<NAME>`; by default the prefix is the command's name. */
export function defineOptions<const R extends OptionRows>(table: {
  readonly name: string;
  readonly describe: string;
  readonly prefix?: string;
  readonly rows: R;
}): OptionTable<R> {
  return { prefix: table.name.replaceAll('-', '_').toUpperCase(), ...table };
}

/** Flag and variable of one row: `keystore` as a file is `--keystore-file` and `LP_SIGNER_KEYSTORE_FILE`. */
export function optionNames(
  table: { readonly prefix: string },
  key: string,
  row: Option<unknown>,
): OptionNames {
  const words = key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const name = row.kind === 'file' && !words.endsWith('-file') ? `${words}-file` : words;
  return {
    flag: row.kind === 'secret' ? null : `--${name}`,
    variable: `${table.prefix}_${name.replaceAll('-', '_').toUpperCase()}`,
  };
}
