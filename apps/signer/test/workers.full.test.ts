import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Devchain, startDevchain } from '@lp/devchain';
import { systemClock } from '@lp/runtime';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore } from '../src/ledger/open-ledger.ts';
import { pgConnections } from '../src/ledger/postgres/connections.ts';
import { PaidAnswers } from './paid-answers.ts';
import { call } from './signer-fixture.ts';
import type { SignerProcess } from './signer-process.ts';
import { EV, offersOn, payAt, startWorkers, workersIn } from './workers-fixture.ts';

const CLIENTS = 8;
const REPLACEMENTS = 8;
/** A connection that was on its way to a worker that died says nothing: the client asks again after this. */
const DEADLINE_MS = 1500;

/** A database that these tests may make databases in: `postgres://user:password@host/name`. */
const postgresUrl = process.env['LP_POSTGRES_URL'];

let devchain: Devchain;
let freshOffer: () => string;
beforeAll(async () => {
  devchain = await startDevchain();
  freshOffer = await offersOn(devchain);
});
afterAll(() => devchain.close());

/** A ledger that two workers share. */
interface Shared extends AsyncDisposable {
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const sqlite = (): Promise<Shared> =>
  Promise.resolve({ flags: [], env: {}, [Symbol.asyncDispose]: () => Promise.resolve() });

/** A database of its own: the signer's schema has a fixed name. */
const postgres = (server: string) => async (): Promise<Shared> => {
  const name = `test_${randomBytes(8).toString('hex')}`;
  const ask = async (text: string): Promise<void> => {
    const connections = await pgConnections(server);
    const connection = await connections.connect();
    await connection.query(text);
    connection.release();
    await connections.end();
  };
  await ask(`CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = name;
  return {
    flags: ['--ledger=postgres'],
    env: { LP_SIGNER_POSTGRES_URL: url.href },
    [Symbol.asyncDispose]: () => ask(`DROP DATABASE ${name} WITH (FORCE)`),
  };
};

/** What came back of all calls, and how often nothing did. */
class Answers extends PaidAnswers {
  unanswered = 0;
}

/** Pays a session step by step until `done`; a call without an answer is sent again, the same, until it has one. */
async function payOn(signer: SignerProcess, record: Answers, done: AbortSignal): Promise<void> {
  const url = await signer.address('listening');
  const manifestId = `m${randomBytes(8).toString('hex')}`;
  let state: object | undefined;
  let offer = freshOffer();
  for (let step = 0; !done.aborted; step++) {
    if (step % 5 === 4) offer = freshOffer(); // nonces go on under the same params for a while
    const request = { orchestrator: offer, ManifestID: manifestId, ...(state !== undefined && { state }) };
    for (;;) {
      const answer = await payAt(url, request, DEADLINE_MS).catch(() => undefined);
      if (answer?.status === 200) {
        state = record.take(answer.text);
        break;
      }
      if (signer.child.exitCode !== null) throw new Error(`the signer ended: ${signer.stderr()}`);
      // nothing but silence, and what says that it is for later
      if (answer !== undefined) expect(answer).toMatchObject({ status: 503 });
      record.unanswered += 1;
    }
  }
}

/** How many workers serve, as the supervisor counts. */
async function serving(adminUrl: string): Promise<number> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const answer = await call(`${adminUrl}/metrics`, { signal }).catch(() => undefined);
  return Number(/^lp_signer_workers (\d+)$/m.exec(answer?.text ?? '')?.[1]);
}

/** Kills the oldest worker, again and again, each time when another one serves in the place of the one before. */
async function replaceAll(signer: SignerProcess, record: Answers): Promise<void> {
  const adminUrl = await signer.address('admin');
  for (let replaced = 0; replaced < REPLACEMENTS; replaced++) {
    const victim = workersIn(signer.stderr())[replaced];
    if (victim === undefined) expect.fail('no worker');
    const before = record.answers.size;
    process.kill(victim, 'SIGKILL');
    await expect.poll(() => workersIn(signer.stderr()).length, { timeout: 60_000 }).toBe(3 + replaced);
    await expect.poll(() => serving(adminUrl), { timeout: 60_000 }).toBe(2);
    await expect.poll(() => record.answers.size, { timeout: 60_000 }).toBeGreaterThan(before + CLIENTS);
  }
}

const ledgers: [string, () => Promise<Shared>][] = [['SQLite', sqlite]];
if (postgresUrl !== undefined) ledgers.push(['Postgres', postgres(postgresUrl)]);

test.skipIf(!(process.env['LP_REQUIRE'] ?? '').split(',').includes('postgres'))(
  'LP_POSTGRES_URL names a Postgres',
  () => expect(postgresUrl, 'LP_REQUIRE has postgres: set LP_POSTGRES_URL').toBeDefined(),
);

describe.each(ledgers)('two workers on %s', (name, shared) => {
  test('replaced one after the other under load: no answer is lost, no nonce is signed twice', async () => {
    await using ledger = await shared();
    await using signer = await startWorkers(devchain, ledger);
    await signer.address('listening');
    const record = new Answers();
    const done = new AbortController();
    const load = Promise.all(Array.from({ length: CLIENTS }, () => payOn(signer, record, done.signal)));
    // a client that fails ends the test at once
    await Promise.race([replaceAll(signer, record), load]).finally(() => done.abort());
    await load;
    signer.child.kill('SIGTERM');
    expect(await signer.exited).toBe(0);
    const store = await openStore(
      {
        ledger: name === 'Postgres' ? 'postgres' : 'sqlite',
        dataDir: `${signer.folder}/data`,
        postgresUrl: ledger.env['LP_SIGNER_POSTGRES_URL'],
      },
      undefined,
      systemClock,
    );
    const usage = await store.usage(0, Number.MAX_SAFE_INTEGER);
    await store.close();
    // every client had each of its answers: there is nothing else in the ledger
    expect(usage.reduce((sum, row) => sum + row.evWei, 0n)).toBe(BigInt(record.answers.size) * EV);
    expect(record.tickets.size).toBe(record.answers.size);
    // a death breaks what that worker had in hand, and nothing else: the other one serves on
    expect(record.unanswered).toBeLessThanOrEqual(2 * REPLACEMENTS * CLIENTS);
    console.log(`${name}: ${record.answers.size} answers, ${record.unanswered} calls sent again`);
  });
});

test('a worker that starts again before the fifth failure ends the row', async () => {
  await using signer = await startWorkers(devchain);
  await signer.address('listening');
  await writeFile(join(signer.folder, 'password'), 'wrong');
  const failures = () => signer.stderr().match(/the password does not open this keystore/g)?.length ?? 0;
  const [victim, other] = workersIn(signer.stderr());
  if (victim === undefined || other === undefined) expect.fail('no workers');
  process.kill(victim, 'SIGKILL');
  await expect.poll(failures, { timeout: 60_000 }).toBeGreaterThanOrEqual(2);
  await writeFile(join(signer.folder, 'password'), 'right');
  await expect.poll(() => workersIn(signer.stderr()).length, { timeout: 60_000 }).toBe(3);
  const so = failures();
  expect(so).toBeLessThan(5);
  await writeFile(join(signer.folder, 'password'), 'wrong');
  process.kill(other, 'SIGKILL');
  await expect.poll(failures, { timeout: 60_000 }).toBe(so + 3);
  await writeFile(join(signer.folder, 'password'), 'right');
  await expect.poll(() => workersIn(signer.stderr()).length, { timeout: 60_000 }).toBe(4);
  signer.child.kill('SIGTERM');
  expect(await signer.exited).toBe(0);
});
