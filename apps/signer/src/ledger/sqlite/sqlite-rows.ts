import type { Rows } from '../rows.ts';
import { accountEntryRows } from './account-entry-rows.ts';
import { answerRows } from './answer-rows.ts';
import { type HotPart, hotRows } from './hot-rows.ts';
import type { Database } from './open-database.ts';
import { sessionRows } from './session-rows.ts';

/** Rows over prepared statements. Hot rows are kept back during a group and written once, by `writeBack`. */
export type SqliteRows = Rows & Pick<HotPart, 'writeBack' | 'forget'>;

/** The rows of a database. */
export function sqliteRows(database: Database): SqliteRows {
  return {
    ...sessionRows(database),
    ...hotRows(database),
    ...answerRows(database),
    ...accountEntryRows(database),
  };
}
