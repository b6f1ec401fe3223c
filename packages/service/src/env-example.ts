import { type OptionRows, type OptionTable, optionNames } from './option-table.ts';

/** The text of an app's `.env.example`: every variable with its meaning, what is allowed and its default. */
export function envExample<R extends OptionRows>(table: OptionTable<R>): string {
  const blocks = Object.entries(table.rows).map(([key, row]) => {
    const { flag, variable } = optionNames(table, key, row);
    const also = flag === null ? 'Secret: no flag.' : `Also ${flag}.`;
    const value = row.required ? `${variable}=` : `# ${variable}=${row.fallback ?? ''}`;
    return `# ${row.describe}\n# ${also} Allowed: ${row.allowed}.${row.required ? ' Required.' : ''}\n${value}\n`;
  });
  return `# ${table.name}: ${table.describe}\n\n${blocks.join('\n')}`;
}
