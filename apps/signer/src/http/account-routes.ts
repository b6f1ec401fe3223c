import { randomUUID } from 'node:crypto';
import type { Clock } from '@lp/runtime';
import { HttpError } from '@lp/service';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { SignerLedger } from '../ledger/signer-ledger.ts';
import { isStorable } from '../ledger/storable.ts';
import type { LedgerStore } from '../ledger/store.ts';

const WEI = 'has to be a whole number above 0, in quotes';
const storableText = z.string().refine(isStorable, { error: 'is no text of at most 512 bytes' });
const identity = storableText.min(1, { error: 'is empty' });
const change = z.strictObject({
  identity,
  wei: z.string({ error: WEI }).regex(/^[1-9]\d{0,77}$/, { error: WEI }),
  reference: storableText.min(1).max(128).optional(),
  note: storableText.default(''),
});
const query = z.object({ identity });
const MOST_ENTRIES = 1000;

/**
 * Prepaid accounts, for the private listener: `GET /accounts`, `GET /accounts/entries?identity=`, `POST /accounts/credit`
 * and `POST /accounts/debit` with `{identity, wei, reference?, note?}`. A change with a reference is made once, however
 * often it is sent.
 */
export function accountRoutes(
  server: FastifyInstance,
  options: { readonly ledger: SignerLedger; readonly store: LedgerStore; readonly clock: Clock },
): void {
  const { ledger, store, clock } = options;
  server.get('/accounts', async () =>
    (await store.accounts()).map(({ identity: name, balanceWei }) => ({
      identity: name,
      balanceWei: balanceWei.toString(),
    })),
  );
  server.get('/accounts/entries', async (request) => {
    const { searchParams } = new URL(request.url, 'http://signer');
    const { identity: name } = read(query, Object.fromEntries(searchParams));
    const entries = await store.accountEntries(name, MOST_ENTRIES);
    return entries.map((entry) => ({
      at: new Date(entry.atMs).toISOString(),
      wei: entry.wei.toString(),
      balanceAfterWei: entry.balanceAfterWei.toString(),
      reference: entry.reference,
      note: entry.note,
    }));
  });
  for (const [verb, sign] of [
    ['credit', 1n],
    ['debit', -1n],
  ] as const) {
    server.post(`/accounts/${verb}`, async (request) => {
      const { wei, reference = randomUUID(), ...rest } = read(change, request.body);
      const outcome = await ledger.changeBalance({
        ...rest,
        reference,
        wei: sign * BigInt(wei),
        atMs: Math.trunc(clock.wallMs()),
      });
      if (outcome.kind === 'reference-used') {
        throw new HttpError(409, 'reference-used', 'another change was made under this reference');
      }
      if (outcome.kind === 'too-low') {
        throw new HttpError(409, 'balance-too-low', `the balance is ${outcome.balanceWei} wei`);
      }
      const { kind, balanceWei } = outcome;
      return { reference, repeated: kind === 'repeated', balanceWei: balanceWei.toString() };
    });
  }
}

function read<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new HttpError(400, 'invalid-field', `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim());
}
