import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Devchain, startDevchain } from '@lp/devchain';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call } from './signer-fixture.ts';
import { spawnSigner } from './signer-process.ts';
import { EV, offersOn, payAt, startWorkers, workersIn } from './workers-fixture.ts';

const BRANCHES = 12;

let devchain: Devchain;
let freshOffer: () => string;
beforeAll(async () => {
  devchain = await startDevchain();
  freshOffer = await offersOn(devchain);
});
afterAll(() => devchain.close());

test('two workers: duplicates get one answer, and of many branches of a state one goes on', async () => {
  await using signer = await startWorkers(devchain);
  const url = await signer.address('listening');
  const opening = { orchestrator: freshOffer() };
  const openings = await Promise.all(Array.from({ length: BRANCHES }, () => payAt(url, opening)));
  expect(new Set(openings.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  let state: unknown = openings[0]?.json.state;
  for (let step = 0; step < 5; step++) {
    const orchestrator = freshOffer();
    // the same params: a branch is no answer made anew for a reply that was lost
    const branches = await Promise.all(
      Array.from({ length: BRANCHES }, (_, branch) =>
        payAt(url, { orchestrator, state, inPixels: Number(EV) + (branch % 6) }),
      ),
    );
    const paid = branches.filter(({ status }) => status === 200);
    expect(new Set(paid.map(({ text }) => text)).size).toBe(1);
    for (const { status, json } of branches) {
      if (status !== 200) expect([status, json.error.code]).toEqual([409, 'stale-state']);
    }
    state = paid[0]?.json.state;
  }
  const { text } = await call(`${await signer.address('admin')}/metrics`);
  const answered = /^lp_signer_payments_total\{code="stale-state"\} (\d+)/m.exec(text)?.[1];
  expect(Number(answered)).toBe(5 * BRANCHES - 5 * 2); // two of twelve branches are the same request
  expect(text).toContain('lp_signer_workers 2');
});

test('a worker that is killed takes nothing along, and is replaced', async () => {
  await using signer = await startWorkers(devchain);
  const url = await signer.address('listening');
  let state: unknown;
  const killed: number[] = [];
  for (let round = 0; round < 4; round++) {
    const workers = workersIn(signer.stderr()).filter((pid) => !killed.includes(pid));
    const victim = workers[0];
    if (victim === undefined) expect.fail('no worker');
    const request = { orchestrator: freshOffer(), ...(state !== undefined && { state }) };
    const before = payAt(url, request).catch(() => undefined); // may die with the worker
    process.kill(victim, 'SIGKILL');
    killed.push(victim);
    const answer = await before;
    await expect
      .poll(async () => (await payAt(url, request).catch(() => undefined))?.status, { timeout: 10_000 })
      .toBe(200);
    const again = await payAt(url, request);
    if (answer?.status === 200) expect(again.text).toBe(answer.text);
    state = again.json.state;
    await expect.poll(() => workersIn(signer.stderr()).length, { timeout: 10_000 }).toBe(3 + round);
  }
  // one event an answer, whoever gave it: they go out through the worker whose turn it is
  const delivered = async (): Promise<number> => {
    const text = await readFile(join(signer.folder, 'usage'), 'utf8').catch(() => '');
    const lines = text.split('\n').filter((line) => line !== '');
    return new Set(lines.map((line) => (JSON.parse(line) as { id: string }).id)).size;
  };
  await expect.poll(delivered, { timeout: 10_000 }).toBe(4);
  signer.child.kill('SIGTERM');
  expect(await signer.exited).toBe(0);
}, 60_000);

test('a signal to the whole group, as from a terminal, drains once', async () => {
  await using signer = await startWorkers(devchain);
  await signer.address('listening');
  for (const pid of workersIn(signer.stderr())) process.kill(pid, 'SIGINT');
  signer.child.kill('SIGINT');
  expect(await signer.exited).toBe(0);
});

test('workers without a ledger to share are refused', async () => {
  await using signer = await startWorkers(devchain, { flags: ['--ledger=none'] });
  expect(await signer.exited).toBe(2);
  expect(signer.stderr()).toContain('choose --ledger sqlite or postgres, or one worker');
});

test('workers that cannot start end the signer, as one would', async () => {
  await using signer = await spawnSigner({
    account: devchain.accounts.sender,
    password: 'wrong',
    flags: ['--workers=2', `--rpc-url=${devchain.rpcUrl}`],
  });
  expect(await signer.exited).toBe(2);
  expect(signer.stderr()).toContain('the password does not open this keystore');
});
