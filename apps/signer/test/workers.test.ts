import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Devchain, startDevchain } from '@lp/devchain';
import { MAX_WIN_PROB } from '@lp/pm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Answer, call, offerText } from './signer-fixture.ts';
import { type SignerProcess, spawnSigner } from './signer-process.ts';

const BRANCHES = 12;
/** Expected value of a ticket in wei, and what every answer has. */
const EV = 10n ** 12n;

let devchain: Devchain;
beforeAll(async () => {
  devchain = await startDevchain();
});
afterAll(() => devchain.close());

function start(...flags: string[]): Promise<SignerProcess> {
  return spawnSigner({
    account: devchain.accounts.sender,
    flags: (folder) => [
      '--workers=2',
      `--rpc-url=${devchain.rpcUrl}`,
      `--controller=${devchain.controller}`,
      `--usage-file=${folder}/usage`,
      '--recipients=any',
      ...flags,
    ],
  });
}

let l1Block = 0n;
async function freshOffer(): Promise<string> {
  if (l1Block === 0n) {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_blockNumber', params: [] });
    const { json } = await call(devchain.rpcUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    l1Block = BigInt(json.result as string);
  }
  return offerText({
    priceInfo: { pricePerUnit: 1n, pixelsPerUnit: 1n },
    ticketParams: {
      recipient: `0x${'bb'.repeat(20)}`,
      faceValue: 2n * EV,
      winProb: MAX_WIN_PROB / 2n,
      recipientRandHash: `0x${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('hex')}`,
      seed: 7n,
      expirationBlock: l1Block + 40n,
      expirationParams: { creationRound: 9n, creationRoundBlockHash: `0x${'22'.repeat(32)}` },
    },
  });
}

/** A call of its own connection: connections go to the workers in turn. */
function payAt(url: string, body: object): Promise<Answer> {
  return call(`${url}/generate-live-payment`, {
    method: 'POST',
    body: JSON.stringify({ type: '', inPixels: Number(EV - 1n), ManifestID: 'm', ...body }),
    signal: AbortSignal.timeout(5000), // as clients have: a connection may be on its way to a worker that dies
  });
}

/** The workers, by who answered: each logs with its own process id. */
function workersIn(log: string): Set<number> {
  return new Set(
    log
      .split('\n')
      .filter((line) => line.includes('"key unlocked"'))
      .map((line) => (JSON.parse(line) as { pid: number }).pid),
  );
}

test('two workers: duplicates get one answer, and of many branches of a state one goes on', async () => {
  await using signer = await start();
  const url = await signer.address('listening');
  const opening = { orchestrator: await freshOffer() };
  const openings = await Promise.all(Array.from({ length: BRANCHES }, () => payAt(url, opening)));
  expect(new Set(openings.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  let state: unknown = openings[0]?.json.state;
  for (let step = 0; step < 5; step++) {
    const orchestrator = await freshOffer();
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
  await using signer = await start();
  const url = await signer.address('listening');
  let state: unknown;
  const killed: number[] = [];
  for (let round = 0; round < 4; round++) {
    const workers = [...workersIn(signer.stderr())].filter((pid) => !killed.includes(pid));
    const victim = workers[0];
    if (victim === undefined) expect.fail('no worker');
    const request = { orchestrator: await freshOffer(), ...(state !== undefined && { state }) };
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
    await expect.poll(() => workersIn(signer.stderr()).size, { timeout: 10_000 }).toBe(3 + round);
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
  await using signer = await start();
  await signer.address('listening');
  for (const pid of workersIn(signer.stderr())) process.kill(pid, 'SIGINT');
  signer.child.kill('SIGINT');
  expect(await signer.exited).toBe(0);
});

test('workers without a ledger to share are refused', async () => {
  await using signer = await start('--ledger=none');
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
