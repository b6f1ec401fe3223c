import { option } from '@lp/service';
import { z } from 'zod';

const HOUR_MS = 3_600_000;
const FORM = /^\d{4}-\d{2}-\d{2}(T\d{2}(:00(:00(\.000)?)?)?Z)?$/;

/** A point in time on the hour, UTC: `2026-11-01` or `2026-11-01T13:00Z`. Unix milliseconds. */
export function hour(describe: string) {
  const schema = z
    .string()
    .regex(FORM)
    .transform((text) => Date.parse(text.length === 14 ? text.replace('Z', ':00Z') : text))
    .pipe(z.int().multipleOf(HOUR_MS));
  return option(schema, {
    describe,
    required: true,
    placeholder: 'time',
    allowed: 'a day or an hour in UTC, such as 2026-11-01 or 2026-11-01T13:00Z',
  });
}
