import { readCharge, writeCharge } from '../charge-json.ts';
import type { AnswerRow, Rows } from '../rows.ts';
import type { Database } from './open-database.ts';

/** What is read and written of answers. */
export type AnswerPart = Pick<Rows, 'answer' | 'addAnswer' | 'settleAnswer' | 'removeAnswer'>;

/** Answers over prepared statements. */
export function answerRows(database: Database): AnswerPart {
  const read = database.prepare(`SELECT ${ANSWER_COLUMNS} FROM answer WHERE id = ?`).raw();
  const add = database.prepare(`INSERT INTO answer (${ANSWER_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, 0)`);
  const settle = database.prepare('UPDATE answer SET settled = 1 WHERE id = ? AND event IS NOT NULL');
  const settled = database.prepare('DELETE FROM answer WHERE id = ? AND event IS NULL');
  const remove = database.prepare('DELETE FROM answer WHERE id = ?');
  return {
    answer: (id) => readAnswer(read.get(id) as AnswerColumns | undefined),
    addAnswer({ id, stateId, sequence, charge, event, usableUntilMs }) {
      add.run(id, stateId, sequence.toString(), writeCharge(charge), event ?? null, usableUntilMs);
    },
    settleAnswer(id) {
      if (settled.run(id).changes === 0) settle.run(id);
    },
    removeAnswer: (id) => void remove.run(id),
  };
}

/** Columns of an answer, in the order of `readAnswer`. */
export const ANSWER_COLUMNS = 'id, state_id, sequence, charge, event, usable_until_ms, settled';

type AnswerColumns = [Buffer, string, string, string, string | null, number, number];

/** An answer from its columns. */
export function readAnswer(columns: AnswerColumns | undefined): AnswerRow | undefined {
  if (columns === undefined) return undefined;
  const [id, stateId, sequence, charge, event, usableUntilMs, settled] = columns;
  return {
    id,
    stateId,
    sequence: BigInt(sequence),
    charge: readCharge(charge),
    event: event ?? undefined,
    usableUntilMs,
    settled: settled === 1,
  };
}
