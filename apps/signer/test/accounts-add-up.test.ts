import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MessageSigner, privateKeySigner } from '@lp/pm';
import { decodePaymentHeader, encodeBase64, encodeOrchestratorInfo } from '@lp/protocol';
import { systemClock } from '@lp/runtime';
import { simulatedClock } from '@lp/runtime/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sqliteStore } from '../src/ledger/sqlite/sqlite-store.ts';
import { type Answer, call, KEY, offer, startTestSigner } from './signer-fixture.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** Wei of one ticket of the offers. */
const EV = 35n;
const PER_HOUR = 700n;
const CREDIT = 2000n;

/** Calls that are made at once, each on a session of its own, and what happens before and to them. */
const round = fc.record({
  laterMs: fc.constantFrom(0, 0, MINUTE_MS, 7 * MINUTE_MS, 20 * MINUTE_MS),
  fails: fc.boolean(),
  calls: fc.uniqueArray(
    fc.record({
      session: fc.nat(3),
      what: fc.constantFrom('go on' as const, 'go on' as const, 'open' as const, 'repeat' as const),
      units: fc.integer({ min: 1, max: 100 }),
    }),
    { selector: ({ session }) => session, minLength: 1, maxLength: 4 },
  ),
});

test('whatever fails to be signed: limits, balance and usage are the sum of the answers that were given', async () => {
  let refusals = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(round, { minLength: 5, maxLength: 25 }), async (rounds) => {
      const folder = await mkdtemp(join(tmpdir(), 'lp-sums-'));
      await writeFile(
        join(folder, 'limits'),
        JSON.stringify({ limits: [{ of: 'identity', per: 'hour', wei: `${PER_HOUR}` }] }),
      );
      // a quarter of an hour before one begins, so that rounds fall on both sides
      const startMs = Math.ceil(systemClock.wallMs() / HOUR_MS) * HOUR_MS - HOUR_MS / 4;
      const clock = simulatedClock({ startMs });
      const key = privateKeySigner(KEY);
      let fails = false;
      const signer: MessageSigner = {
        address: key.address,
        signMessages: (messages, options) =>
          fails ? Promise.reject(new Error('the key is away')) : key.signMessages(messages, options),
      };
      const given = new Map<string, { readonly wei: bigint; readonly hourMs: number }>();
      const spentIn = (hourMs: number) =>
        [...given.values()].reduce((sum, one) => (one.hourMs === hourMs ? sum + one.wei : sum), 0n);
      const spent = () => [...given.values()].reduce((sum, { wei }) => sum + wei, 0n);
      {
        await using running = await startTestSigner({
          flags: ['--ledger', 'sqlite', '--data-dir', folder, '--limits-file', join(folder, 'limits')],
          ports: { signer, clock },
        });
        await call(`${running.adminUrl}/accounts/credit`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ identity: 'local', wei: `${CREDIT}` }),
        });
        const sessions: { last: object; state?: unknown }[] = [];
        const bodyOf = (expiration: bigint) => {
          const { authToken } = offer();
          return encodeBase64(encodeOrchestratorInfo(offer({ authToken: { ...authToken!, expiration } })));
        };
        for (const { laterMs, fails: failing, calls } of rounds) {
          await clock.advance(laterMs);
          const nowMs = clock.wallMs();
          const hourMs = nowMs - (nowMs % HOUR_MS);
          const before = { hour: spentIn(hourMs), all: spent() };
          fails = failing;
          const asked = calls.map(async ({ session, what, units }): Promise<Answer> => {
            const known = sessions[session];
            const fresh = {
              orchestrator: bodyOf(BigInt(Math.floor(nowMs / 1000)) + 1800n),
              ManifestID: `session-${session}`,
              type: '',
              inPixels: units,
            };
            const body =
              what === 'repeat' && known !== undefined
                ? known.last
                : what === 'go on' && known?.state !== undefined
                  ? { ...fresh, state: known.state }
                  : fresh;
            const answer = await running.post('/generate-live-payment', body);
            if (answer.status === 200) sessions[session] = { last: body, state: answer.json.state };
            return answer;
          });
          const answers = await Promise.all(asked);
          for (const answer of answers) {
            if (answer.status === 200) {
              const tickets = decodePaymentHeader(answer.json.payment as string).ticketSenderParams.length;
              if (!given.has(answer.text)) given.set(answer.text, { wei: BigInt(tickets) * EV, hourMs });
            }
          }
          for (const { status, json } of answers) {
            if (status === 200) continue;
            const { code, left } = json.error as { code: string; left: string };
            expect([
              'limit-reached',
              'balance-too-low',
              'no-tickets',
              'internal',
              'opening-used',
              'refresh-session',
            ]).toContain(code);
            if (code === 'internal') expect(failing).toBe(true);
            // what others of the round took may be gone already
            if (code === 'limit-reached') {
              refusals += 1;
              if (!failing) expect(BigInt(left)).toBeGreaterThanOrEqual(PER_HOUR - spentIn(hourMs));
              expect(BigInt(left)).toBeLessThanOrEqual(PER_HOUR - before.hour);
            }
            if (code === 'balance-too-low') {
              if (!failing) expect(BigInt(left)).toBeGreaterThanOrEqual(CREDIT - spent());
              expect(BigInt(left)).toBeLessThanOrEqual(CREDIT - before.all);
            }
          }
          expect(spentIn(hourMs)).toBeLessThanOrEqual(PER_HOUR);
          expect(spent()).toBeLessThanOrEqual(CREDIT);
        }
      }
      const store = sqliteStore(join(folder, 'signer.sqlite'), { sender: undefined, clock: systemClock });
      const usage = await store.usage(0, Number.MAX_SAFE_INTEGER);
      for (const hourMs of new Set([...given.values()].map((one) => one.hourMs))) {
        const counted = usage.filter((row) => row.hourMs === hourMs);
        expect(counted.reduce((sum, row) => sum + row.evWei, 0n)).toBe(spentIn(hourMs));
      }
      expect(usage.reduce((sum, row) => sum + row.answers, 0n)).toBe(BigInt(given.size));
      expect(await store.accounts()).toEqual([{ identity: 'local', balanceWei: CREDIT - spent() }]);
      expect(await store.unsettledAnswers(Number.MAX_SAFE_INTEGER, 10)).toEqual([]);
      await store.close();
      await rm(folder, { recursive: true });
    }),
    { numRuns: 20, endOnFailure: true },
  );
  expect(refusals).toBeGreaterThan(0);
});
