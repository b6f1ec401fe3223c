import { describe, expect, test } from 'vitest';
import { scenario } from '../../test/scenario.ts';
import type { PaymentRecord } from '../store.ts';
import { resumeSession } from './resume-session.ts';

const SIGNER = { url: 'http://signer.test:8937' };

/** What a store gives back: the record went through JSON. */
const reread = (record: PaymentRecord | undefined): Pick<PaymentRecord, 'checkpoint'> => {
  if (record === undefined) throw new Error('nothing was stored');
  return JSON.parse(JSON.stringify({ checkpoint: record.checkpoint })) as Pick<PaymentRecord, 'checkpoint'>;
};

/** A session whose process dies: requests after `crashed` hang for ever. */
const crashing = async () => {
  const records: PaymentRecord[] = [];
  let crashed = false;
  const run = await scenario({}, { store: (record) => void records.push(record) });
  const { world } = run;
  const handle = world.orchestrator.handle;
  const pay = world.signer.handle;
  const dead = (): Promise<never> => new Promise(() => {});
  return {
    ...run,
    records,
    crash: () => {
      crashed = true;
      world.orchestrator.handle = dead;
      world.signer.handle = dead;
    },
    resume: () => {
      expect(crashed).toBe(true);
      world.orchestrator.handle = handle;
      world.signer.handle = pay;
      return world.clock.runUntil(
        resumeSession(reread(records.at(-1)), {
          signer: SIGNER,
          clock: world.clock,
          transport: world.network.transport,
        }),
      );
    },
  };
};

describe('resuming after a crash (funding.md rule 1)', () => {
  test('goes on paying, with the newest state, on params nobody has used', async () => {
    const { world, session, pass, crash, resume, mints } = await crashing();
    await pass(20);
    crash();
    // Long enough for the old process to have given up on everything it had begun.
    await pass(6);
    const before = mints().length;
    const used = new Set(mints().map(({ orchestrator }) => orchestrator));
    const resumed = await resume();
    expect(resumed.id).toBe(session.id);
    expect(resumed.controlUrl).toBe(session.controlUrl);
    const old = session.close();
    await pass(3);
    expect(used.has(mints()[before]?.['orchestrator'])).toBe(false);
    expect(
      mints()
        .slice(before)
        .every(({ state }) => state !== undefined),
    ).toBe(true);
    expect(resumed.funding()?.runwayMs).toBeGreaterThan(10_000);
    await world.clock.runUntil(old);
  });

  test('the recorded payment is sent once more: it may have left, or not', async () => {
    const { world, pass, crash, resume, records, session } = await crashing();
    await pass(10);
    const seen = world.orchestrator.payments.length;
    crash();
    const resumed = await resume();
    await pass(0.1);
    // It had arrived: `already seen` of its last nonce, which counts as delivered.
    expect(world.orchestrator.payments[seen]).toMatchObject({ status: 400 });
    const account = world.orchestrator.accounts.get(session.id);
    expect(resumed.funding()?.tickets).toBe(account?.tickets);
    expect(records.length).toBeGreaterThan(2);
  });

  test('a session that is gone by then: dropped', async () => {
    const { world, session, pass, crash, resume } = await crashing();
    await pass(10);
    crash();
    world.orchestrator.drop(session.id, 'insufficient-balance');
    const resumed = await resume();
    expect(await world.clock.runUntil(resumed.ended)).toMatchObject({
      reason: 'dropped',
      dropReason: 'insufficient-balance',
    });
  });

  test('from the opening record alone, when the crash came before the reply', async () => {
    const { world, pass, records, session } = await crashing();
    await pass(0.1);
    const resumed = await world.clock.runUntil(
      resumeSession(reread(records[0]), {
        signer: SIGNER,
        clock: world.clock,
        transport: world.network.transport,
      }),
    );
    await pass(0.1);
    expect(resumed.funding()?.tickets).toBe(world.orchestrator.accounts.get(session.id)?.tickets);
    expect(resumed.app.url).toBe(session.app.url);
  });
});
