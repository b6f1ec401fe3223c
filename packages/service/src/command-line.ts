import { Command, Option as CommanderOption } from 'commander';
import type { Option } from './option.ts';
import { type OptionRows, type OptionTable, optionNames } from './option-table.ts';

/** A parser for one table: flags come back as text, by the table's keys. */
export interface CommandLine {
  /** Throws commander's `CommanderError` for unknown flags, missing arguments, `--help` and `--version`. */
  parse(argv: string[], from: { from: 'user' }): void;
  flags(): Readonly<Record<string, string | undefined>>;
  /** What `--help` or `--version` printed. */
  printed(): string;
}

/** Builds the command line of a table. Nothing is written to the terminal and nothing exits. */
export function commandLine<R extends OptionRows>(table: OptionTable<R>, version = '0.0.0'): CommandLine {
  let output = '';
  const command = new Command(table.name)
    .description(table.describe)
    .version(version, '--version', 'print the version')
    .helpOption('--help', 'print this text')
    .exitOverride()
    .allowExcessArguments(false)
    .configureOutput({ writeOut: (text) => (output += text), writeErr: () => {} })
    .configureHelp({ helpWidth: 100, sortOptions: false });
  const given: Record<string, string> = {};
  const add = (syntax: string, key: string, described?: string) => {
    const option = new CommanderOption(syntax, described);
    command.addOption(described === undefined ? option.hideHelp() : option);
    // The argument is null for a switch without one; a `--no-` flag has none.
    command.on(`option:${option.long?.slice(2)}`, (value: string | null) => {
      given[key] = value ?? String(described !== undefined);
    });
  };
  for (const [key, row] of Object.entries(table.rows)) {
    const { flag, variable } = optionNames(table, key, row);
    if (flag === null) continue;
    const isSwitch = row.kind === 'switch';
    add(isSwitch ? `${flag} [${row.placeholder}]` : `${flag} <${row.placeholder}>`, key, help(row, variable));
    if (isSwitch) add(`--no-${flag.slice(2)}`, key);
  }
  add('--env-file <path>', 'envFile', 'also read variables from this file; those of the environment win');
  command.addHelpText('after', () => secretsHelp(table));
  return {
    parse: (argv, from) => void command.parse(argv, from),
    flags: () => given,
    printed: () => output,
  };
}

function help(row: Option<unknown>, variable: string): string {
  const fallback = row.required ? 'required' : row.fallback ? `default ${row.fallback}` : 'no default';
  return `${row.describe} [${variable}; ${fallback}]`;
}

function secretsHelp(table: OptionTable<OptionRows>): string {
  const secrets = Object.entries(table.rows).filter(([, row]) => row.kind === 'secret');
  const lines = secrets.map(([key, row]) => {
    const { variable } = optionNames(table, key, row);
    return `  ${variable}  ${row.describe} [${row.required ? 'required' : 'no default'}]`;
  });
  const sources =
    '\nA flag wins over a variable, a variable over the file of --env-file, and that over the default.';
  return lines.length === 0 ? sources : `\nSecrets (variables only):\n${lines.join('\n')}\n${sources}`;
}
