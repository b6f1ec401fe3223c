import { ConfigError, optionNames } from '@lp/service';
import { options } from '../options.ts';
import { defaultGoKeystore, GO_FLAGS } from './go-flag-table.ts';
import { type GoArgument, splitGoArguments } from './split-go-arguments.ts';

/** What became of one flag. */
export interface TranslatedFlag extends GoArgument {
  /** As our options, without values of secrets. */
  readonly options: readonly string[];
  readonly note?: string;
  readonly refused?: string;
}

/** A command line of go-livepeer's flags, or of both, as ours. */
export interface TranslatedCommandLine {
  readonly argv: readonly string[];
  /** Variables for what has no flag. */
  readonly env: Readonly<Record<string, string>>;
  readonly flags: readonly TranslatedFlag[];
}

/** Flags whose values nobody should read. */
const SECRET = new Set(['ethPassword', 'remoteSignerWebhookHeaders', 'remoteSignerWebhookUrl', 'ethUrl']);

/**
 * Puts our options in the place of go-livepeer's flags; our own stay and win. A command line without such flags comes
 * back as it is. With them, what go-livepeer assumes when a flag is missing is assumed here: its port and its keystore
 * folder.
 */
export function translateGoFlags(argv: readonly string[]): TranslatedCommandLine {
  const { go, rest } = splitGoArguments(argv, (name) => GO_FLAGS.get(name)?.kind);
  if (go.length === 0) return { argv, env: {}, flags: [] };
  const all = new Map(go.map(({ name, value }) => [name, value]));
  const settings: Record<string, string> = {};
  const flags = go.map((argument): TranslatedFlag => {
    const { set = {}, ...rest } = GO_FLAGS.get(argument.name)?.translate(argument.value, all) ?? {};
    Object.assign(settings, set);
    const shown = SECRET.has(argument.name) ? { ...argument, value: '[secret]' } : argument;
    return { ...shown, options: Object.keys(set).map(spelled), ...rest };
  });
  if (!all.has('httpAddr')) Object.assign(settings, { host: '127.0.0.1', port: '8935' });
  if (!all.has('ethKeystorePath') && !all.has('datadir')) {
    settings['keystoreFile'] ??= defaultGoKeystore(all.get('network') ?? 'arbitrum-one-mainnet');
  }
  const translated: string[] = [];
  const env: Record<string, string> = {};
  for (const [key, value] of Object.entries(settings)) {
    const { flag, variable } = namesOf(key);
    if (flag === null) env[variable] = value;
    else translated.push(`${flag}=${value}`);
  }
  return { argv: [...translated, ...rest], env, flags };
}

/**
 * The same for a start.
 *
 * @throws ConfigError naming every flag that cannot be taken over.
 */
export function acceptGoFlags(argv: readonly string[]): TranslatedCommandLine {
  const translated = translateGoFlags(argv);
  const refused = translated.flags.flatMap(({ name, refused: why }) =>
    why === undefined ? [] : [`-${name}: ${why}`],
  );
  if (refused.length > 0) throw new ConfigError('lp-signer', refused);
  return translated;
}

function spelled(key: string): string {
  const { flag, variable } = namesOf(key);
  return flag ?? variable;
}

function namesOf(key: string): ReturnType<typeof optionNames> {
  const rows: Readonly<Record<string, Parameters<typeof optionNames>[2]>> = options.rows;
  const row = rows[key];
  if (row === undefined) throw new TypeError(`the flag table names ${key}, which is no option`);
  return optionNames(options, key, row);
}
