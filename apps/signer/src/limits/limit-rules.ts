import { parseRatio, type Ratio } from '@lp/pricing';
import { z } from 'zod';
import type { LimitScope } from '../ledger/claim.ts';
import { storable } from '../ledger/storable.ts';

/** How long a limit counts before it begins anew. Hours and days are those of UTC. */
export type LimitPeriod = 'session' | 'hour' | 'day' | 'total';

/** What one subject may reach in one period. */
export interface Cap {
  readonly wei?: bigint | undefined;
  /** US dollars, exact: counted in wei, compared at the rate of the moment. */
  readonly usd?: Ratio | undefined;
  /** Sessions opened; not for `session`. */
  readonly openings?: bigint | undefined;
}

/** All limits of one scope and period. */
export interface CapTable {
  readonly of: LimitScope;
  readonly per: LimitPeriod;
  /** For whoever has no cap of their own. */
  readonly general: Cap | undefined;
  readonly named: ReadonlyMap<string, Cap>;
}

/** What an operator allows to be spent. */
export interface LimitRules {
  readonly tables: readonly CapTable[];
  /** `required`: who has no prepaid account is not served. `accounts`: who has one is bound by it. */
  readonly prepaid: 'off' | 'accounts' | 'required';
  /** Whether a rate of the dollar is needed. */
  readonly needsRate: boolean;
}

/** The file of limits cannot be used. Ends the start with 2. */
export class LimitFileError extends Error {
  override readonly name = 'LimitFileError';
  readonly code = 'invalid-limits';
  readonly exitCode = 2;
}

/** Without a file: nothing is limited, and who has a prepaid account is bound by it. */
export const NO_LIMITS: LimitRules = { tables: [], prepaid: 'accounts', needsRate: false };

const amount = z.string().regex(/^\d{1,78}$/);
const decimal = z.string().regex(/^\d{1,30}(\.\d{1,18})?$/);
const limit = z
  .strictObject({
    of: z.enum(['identity', 'app', 'orchestrator', 'signer']),
    name: z.string().min(1).max(1024).optional(),
    per: z.enum(['session', 'hour', 'day', 'total']),
    wei: amount.optional(),
    usd: decimal.optional(),
    openings: z.int().min(0).optional(),
  })
  .refine((row) => row.wei !== undefined || row.usd !== undefined || row.openings !== undefined, {
    error: 'needs wei, usd or openings',
  })
  .refine((row) => row.wei === undefined || row.usd === undefined, { error: 'has wei or usd, not both' })
  .refine((row) => row.of !== 'signer' || row.name === undefined, {
    error: 'of the whole signer has no name',
  })
  .refine((row) => row.per !== 'session' || row.openings === undefined, {
    error: 'per session has no openings: a session is opened once',
  });
const fileSchema = z.strictObject({
  limits: z.array(limit).max(10_000).default([]),
  prepaid: z.enum(['off', 'accounts', 'required']).default('accounts'),
});

type Row = z.output<typeof limit>;

/**
 * Reads a file of limits:
 * `{"limits": [{"of": "identity", "per": "day", "usd": "5"}, {"of": "identity", "name": "alice", "per": "day", "wei": "1000000000000000"}], "prepaid": "required"}`.
 * A limit with a name takes the place of the one without for that name.
 *
 * @throws LimitFileError naming the row.
 */
export function parseLimits(text: string): LimitRules {
  const { limits, prepaid } = readFile(text);
  const rows = new Map<string, Row[]>();
  for (const [index, row] of limits.entries()) {
    const key = `${row.of}/${row.per}`;
    const others = rows.get(key) ?? [];
    if (others.some((other) => nameOf(other) === nameOf(row) && overlaps(other, row))) {
      throw new LimitFileError(`limits[${index}] says again what another row says`);
    }
    rows.set(key, [...others, row]);
  }
  return {
    tables: [...rows.values()].map(tableOf),
    prepaid,
    needsRate: limits.some((row) => row.usd !== undefined),
  };
}

/** The cap of one subject. */
export function capOf(table: CapTable, subject: string): Cap | undefined {
  return table.named.get(subject) ?? table.general;
}

function tableOf(rows: readonly Row[]): CapTable {
  const { of, per } = rows[0] as Row; // no list here is empty
  const general = merged(rows.filter((row) => row.name === undefined));
  const named = new Map<string, Cap>();
  for (const row of rows) {
    const name = nameOf(row);
    if (name === undefined || named.has(name)) continue;
    const own = merged(rows.filter((other) => nameOf(other) === name)) ?? {};
    const money = own.wei === undefined && own.usd === undefined ? general : own;
    named.set(name, {
      wei: money?.wei,
      usd: money?.usd,
      openings: own.openings ?? general?.openings,
    });
  }
  return { of, per, general, named };
}

function merged(rows: readonly Row[]): Cap | undefined {
  if (rows.length === 0) return undefined;
  const cap: { wei?: bigint; usd?: Ratio; openings?: bigint } = {};
  for (const row of rows) {
    if (row.wei !== undefined) cap.wei = BigInt(row.wei);
    if (row.usd !== undefined) cap.usd = parseRatio(row.usd);
    if (row.openings !== undefined) cap.openings = BigInt(row.openings);
  }
  return cap;
}

function overlaps(a: Row, b: Row): boolean {
  const money = (row: Row) => row.wei !== undefined || row.usd !== undefined;
  return (money(a) && money(b)) || (a.openings !== undefined && b.openings !== undefined);
}

/** Addresses are written in any case, and apps looked up as the ledger keeps them. */
function nameOf({ of, name }: Row): string | undefined {
  if (name === undefined) return undefined;
  return of === 'orchestrator' ? name.toLowerCase() : storable(name);
}

function readFile(text: string): z.output<typeof fileSchema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new LimitFileError('the file of limits is not JSON', { cause });
  }
  const read = fileSchema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const path = issue?.path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('');
  throw new LimitFileError(
    `the file of limits: ${path?.replace(/^\./, '') ?? ''} ${issue?.message ?? ''}`.trim(),
  );
}
