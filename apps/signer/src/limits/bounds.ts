import { divRatio, floorDiv, formatRatio, type Ratio, roundedDecimal } from '@lp/pricing';
import { HttpError } from '@lp/service';
import type { Bounds, CounterClaim, Excess, LimitScope } from '../ledger/claim.ts';
import { type CapTable, capOf, type LimitRules } from './limit-rules.ts';

/** What a payment is counted to. */
export interface Subjects {
  readonly identity: string;
  readonly app: string;
  /** The recipient of the tickets, lower case. */
  readonly orchestrator: string;
}

const PERIOD_MS = { hour: 3_600_000, day: 86_400_000 };

/**
 * What bounds one payment now.
 *
 * @param weiPerUsd the rate for limits in dollars, rounded **down** to whole wei; needed where there are any.
 */
export function boundsOf(
  rules: LimitRules,
  subjects: Subjects,
  { nowMs, weiPerUsd }: { readonly nowMs: number; readonly weiPerUsd: Ratio | undefined },
): Bounds {
  const counters: CounterClaim[] = [];
  let sessionMaxWei: bigint | undefined;
  for (const table of rules.tables) {
    const subject = table.of === 'signer' ? '' : subjects[table.of];
    const cap = capOf(table, subject);
    if (cap === undefined) continue;
    const maxWei = cap.usd === undefined ? cap.wei : weiOf(cap.usd, weiPerUsd);
    if (table.per === 'session') {
      if (maxWei !== undefined && (sessionMaxWei === undefined || maxWei < sessionMaxWei))
        sessionMaxWei = maxWei;
      continue;
    }
    counters.push({
      ...windowOf(table, subject, nowMs),
      maxWei,
      maxOpenings: cap.openings,
    });
  }
  return { counters, sessionMaxWei, prepaid: rules.prepaid };
}

/** The 483 of a payment that would break a bound: which limit, what is left, and when it begins anew. */
export function limitRefusal(excess: Excess, weiPerUsd: Ratio | undefined): HttpError {
  const left = { left: excess.left.toString(), ...leftInUsd(excess, weiPerUsd) };
  switch (excess.of) {
    case 'prepaid':
      return refusal('balance-too-low', 'the prepaid balance is too low', {
        limit: { of: 'identity', per: 'prepaid', unit: 'wei' },
        ...left,
      });
    case 'session':
      return refusal('limit-reached', 'the limit of this session is reached', {
        limit: { of: 'session', per: 'session', unit: 'wei' },
        ...left,
      });
    case 'counter': {
      const { of, per, subject, endsMs, maxWei, maxOpenings } = excess.counter;
      const max = excess.unit === 'wei' ? maxWei : maxOpenings;
      const resets = endsMs === undefined ? undefined : new Date(endsMs).toISOString();
      return refusal('limit-reached', `the limit of ${NAMES[of]} per ${per} is reached`, {
        limit: {
          of,
          ...(subject === '' ? {} : { name: subject }),
          per,
          unit: excess.unit,
          max: String(max ?? 0n),
        },
        ...left,
        ...(resets === undefined ? {} : { resets_at: resets }),
      });
    }
  }
}

const NAMES: Record<LimitScope, string> = {
  identity: 'this caller',
  app: 'this app',
  orchestrator: 'this orchestrator',
  signer: 'the signer',
};

function refusal(code: string, message: string, fields: Record<string, unknown>): HttpError {
  return new HttpError(483, code, message, { fields });
}

function leftInUsd(excess: Excess, weiPerUsd: Ratio | undefined): { left_usd?: string } {
  const inWei = excess.of !== 'counter' || excess.unit === 'wei';
  if (!inWei || weiPerUsd === undefined) return {};
  return { left_usd: roundedDecimal(divRatio({ n: excess.left, d: 1n }, weiPerUsd), 6) };
}

function windowOf(
  { of, per }: CapTable,
  subject: string,
  nowMs: number,
): Omit<CounterClaim, 'maxWei' | 'maxOpenings'> {
  const key = `${of}/${per}/${subject}`;
  if (per !== 'hour' && per !== 'day') {
    return { key, of, subject, per: 'total', windowMs: 0, endsMs: undefined };
  }
  const length = PERIOD_MS[per];
  const windowMs = nowMs - (nowMs % length);
  return { key, of, subject, per, windowMs, endsMs: windowMs + length };
}

function weiOf(usd: Ratio, weiPerUsd: Ratio | undefined): bigint {
  if (weiPerUsd === undefined) throw new TypeError(`no rate for ${formatRatio(usd)} USD`);
  return floorDiv(usd.n * weiPerUsd.n, usd.d * weiPerUsd.d);
}
