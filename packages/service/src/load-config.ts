import { parseEnv } from 'node:util';
import { CommanderError } from 'commander';
import { commandLine } from './command-line.ts';
import { ConfigError } from './config-error.ts';
import type { Option } from './option.ts';
import { type Config, type OptionRows, type OptionTable, optionNames } from './option-table.ts';
import { readOptionFile } from './read-option-file.ts';

/** A usable configuration, or a text to print instead of running (`--help`, `--version`). */
export type LoadedConfig<R extends OptionRows> =
  | { readonly kind: 'run'; readonly config: Config<R>; readonly warnings: readonly string[] }
  | { readonly kind: 'print'; readonly text: string };

/** Where a configuration comes from. */
export interface ConfigSources {
  /** Arguments after the program's name. Default `process.argv.slice(2)`. */
  readonly argv?: readonly string[];
  /** Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Printed by `--version`. */
  readonly version?: string;
}

/**
 * Reads a configuration: flag, else variable, else the file of `--env-file`, else default. An empty variable
 * counts as not set. The env-file is read with Node's own parser but not copied into `process.env`, so that
 * its secrets are not handed to child processes.
 * Throws `ConfigError` with every problem found, not only the first.
 */
export function loadConfig<const R extends OptionRows>(
  table: OptionTable<R>,
  sources: ConfigSources = {},
): LoadedConfig<R> {
  const { argv = process.argv.slice(2), env = process.env } = sources;
  const line = commandLine(table, sources.version);
  try {
    line.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'print', text: line.printed() };
    throw new ConfigError(table.name, [error.message.replace(/^error: /, '')]);
  }
  const problems: string[] = [];
  const warnings: string[] = [];
  const flags = line.flags();
  const fromFile = readEnvFile(flags['envFile'], problems, warnings);
  const config: Record<string, unknown> = {};
  for (const [key, row] of Object.entries(table.rows)) {
    const { variable } = optionNames(table, key, row);
    const given =
      flags[key] ?? (env[variable] || undefined) ?? (fromFile[variable] || undefined) ?? row.fallback;
    config[key] = given === undefined ? missing(table, key, row, problems) : read(table, key, row, given);
  }
  if (problems.length > 0) throw new ConfigError(table.name, problems);
  // Every key of the table was filled from its own schema above.
  return { kind: 'run', config: config as Config<R>, warnings };

  function read(of: OptionTable<R>, key: string, row: Option<unknown>, given: string): unknown {
    let value = given;
    if (row.kind === 'file') {
      try {
        const content = readOptionFile(given, row);
        value = content.text;
        if (content.warning !== undefined) warnings.push(content.warning);
      } catch (error) {
        problems.push(`${spelled(of, key, row)}: ${(error as Error).message}`);
        return undefined;
      }
    }
    const result = row.schema.safeParse(value);
    if (result.success) return result.data;
    const shown =
      row.kind === 'secret' || row.kind === 'file' ? '' : ` got ${JSON.stringify(given.slice(0, 80))},`;
    problems.push(`${spelled(of, key, row)}:${shown} allowed is ${row.allowed}`);
    return undefined;
  }
}

function missing(
  table: { readonly prefix: string },
  key: string,
  row: Option<unknown>,
  problems: string[],
): undefined {
  if (row.required) problems.push(`${spelled(table, key, row)} is required: ${row.allowed}`);
  return undefined;
}

function spelled(table: { readonly prefix: string }, key: string, row: Option<unknown>): string {
  const { flag, variable } = optionNames(table, key, row);
  return flag === null ? variable : `${flag} (${variable})`;
}

function readEnvFile(
  path: string | undefined,
  problems: string[],
  warnings: string[],
): Readonly<Record<string, string | undefined>> {
  if (path === undefined) return {};
  try {
    const content = readOptionFile(path, { maxBytes: 256 * 1024, confidential: true });
    if (content.warning !== undefined) warnings.push(content.warning);
    return parseEnv(content.text);
  } catch (error) {
    problems.push(`--env-file: ${(error as Error).message}`);
    return {};
  }
}
