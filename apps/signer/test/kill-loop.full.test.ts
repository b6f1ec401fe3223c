import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Devchain, startDevchain } from '@lp/devchain';
import { bytesToHex, type Hex, MAX_WIN_PROB } from '@lp/pm';
import { systemClock, systemRandom } from '@lp/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from '../src/ledger/open-ledger.ts';
import { PaidAnswers } from './paid-answers.ts';
import { offerText } from './signer-fixture.ts';
import { type SignerProcess, spawnSigner } from './signer-process.ts';

const ROUNDS = 25;
const CLIENTS = 12;
/** Expected value of a ticket: every answer has one. */
const EV = 10n ** 12n;

let devchain: Devchain;
let folder: string;
beforeAll(async () => {
  devchain = await startDevchain();
  folder = await mkdtemp(join(tmpdir(), 'lp-kill-'));
  await writeFile(
    join(folder, 'limits'),
    JSON.stringify({ limits: [{ of: 'signer', per: 'total', wei: '9'.repeat(30) }] }),
  );
});
afterAll(async () => {
  await devchain.close();
  await rm(folder, { recursive: true });
});

/** A number from 0 to below `n`. */
const random = (n: number): number => {
  const [a = 0, b = 0] = systemRandom.bytes(2);
  return (a * 256 + b) % n;
};

function start(): Promise<SignerProcess> {
  return spawnSigner({
    account: devchain.accounts.sender,
    dataDir: join(folder, 'data'),
    flags: [
      `--rpc-url=${devchain.rpcUrl}`,
      `--controller=${devchain.controller}`,
      `--limits-file=${join(folder, 'limits')}`,
      `--usage-file=${join(folder, 'usage')}`,
      '--log-level=error',
    ],
  });
}

/** What came back of all calls, and what did not. */
class Answers extends PaidAnswers {
  /** Calls without an answer whose request was never sent again. */
  abandoned = 0;
}

/** A client that pays, repeats, forks and gives up at random, for as long as the signer lives. */
class Client {
  #state: unknown;
  #unanswered: object | undefined;
  readonly #record: Answers;
  readonly #manifestId = `m${random(65_536)}`;
  readonly #l1Block: bigint;
  /** Some sessions stay on one set of ticket params for a while. */
  #offer: string | undefined;

  constructor(record: Answers, l1Block: bigint) {
    this.#record = record;
    this.#l1Block = l1Block;
  }

  /** Any signer will do: all have the same ledger. */
  async run(urls: readonly string[]): Promise<void> {
    for (;;) {
      const url = urls[random(urls.length)] ?? '';
      const again = this.#unanswered !== undefined;
      if (again && random(8) === 0) {
        this.#record.abandoned += 1;
        this.#unanswered = undefined;
        this.#state = undefined;
      }
      const request = this.#unanswered ?? this.#request();
      this.#unanswered = request;
      let response: { status: number; text: string };
      try {
        const answer = await fetch(`${url}/generate-live-payment`, {
          method: 'POST',
          body: JSON.stringify(request),
        });
        response = { status: answer.status, text: await answer.text() };
      } catch {
        return; // killed: the request is sent again to the next one
      }
      this.#unanswered = undefined;
      if (response.status === 200) {
        const state = this.#record.take(response.text);
        if (random(20) === 0) continue; // goes on from an older state
        this.#state = state;
      } else {
        // an older state under the same params, and an opening whose session went on
        expect(response).toMatchObject({ status: 409 });
        this.#state = undefined;
        this.#offer = undefined;
      }
      if (random(30) === 0) this.#unanswered = request; // sent twice
    }
  }

  #request(): object {
    if (this.#offer === undefined || random(3) > 0) this.#offer = this.#newOffer();
    return {
      ...(this.#state === undefined ? {} : { state: this.#state }),
      orchestrator: this.#offer,
      ManifestID: this.#manifestId,
      inPixels: Number(EV) - 1,
    };
  }

  #newOffer(): string {
    return offerText({
      priceInfo: { pricePerUnit: 1n, pixelsPerUnit: 1n },
      ticketParams: {
        recipient: devchain.accounts.orchestrators[0].address.toLowerCase() as Hex,
        faceValue: 2n * EV,
        winProb: MAX_WIN_PROB / 2n,
        recipientRandHash: bytesToHex(systemRandom.bytes(32)),
        seed: 1n,
        expirationBlock: this.#l1Block + 40n,
        expirationParams: { creationRound: 9n, creationRoundBlockHash: `0x${'22'.repeat(32)}` },
      },
    });
  }
}

test('one or two signers, killed at any moment: no nonce is signed twice, and the ledger is the sum of the answers', async () => {
  const record = new Answers();
  const l1Block = await blockNumber();
  const clients = Array.from({ length: CLIENTS }, () => new Client(record, l1Block));
  for (let round = 0; round < ROUNDS; round++) {
    const signers = await Promise.all(Array.from({ length: 1 + (round % 2) }, start));
    const urls = await Promise.all(signers.map((signer) => signer.address('listening')));
    const running = Promise.all(clients.map((client) => client.run(urls)));
    await sleep(20 + random(600));
    for (const signer of signers) signer.child.kill('SIGKILL');
    await running;
    for (const signer of signers) await signer[Symbol.asyncDispose]();
    const { counted } = await ledger();
    const answered = BigInt(record.answers.size) * EV;
    // at most the calls in flight now, and those that were given up earlier
    expect(counted).toBeGreaterThanOrEqual(answered);
    expect(counted).toBeLessThanOrEqual(answered + BigInt(CLIENTS + record.abandoned) * EV);
  }
  expect(record.answers.size).toBeGreaterThan(ROUNDS * CLIENTS);
  // what a kill left open is settled as its session goes on, and events are delivered in the quiet after it; what nobody
  // goes on with waits until its answer is of no use
  for (const [load, ms] of [
    [clients, 1500],
    [[], 2500],
  ] as const) {
    const last = await start();
    const url = await last.address('listening');
    const running = Promise.all(load.map((client) => client.run([url])));
    await sleep(ms);
    last.child.kill('SIGKILL');
    await running;
    await last[Symbol.asyncDispose]();
  }
  const { counted, limit } = await ledger();
  expect(limit).toBe(counted);
  const events = (await readFile(join(folder, 'usage'), 'utf8')).trim().split('\n');
  const ids = new Set(events.map((line) => (JSON.parse(line) as { id: string }).id));
  expect(BigInt(ids.size) * EV).toBeLessThanOrEqual(counted);
  expect(record.answers.size - ids.size).toBeLessThanOrEqual((ROUNDS + 1) * CLIENTS);
  console.log(
    `${ROUNDS} kills: ${record.answers.size} answers, ${record.tickets.size} tickets, ${record.abandoned} given up, ` +
      `ledger ${counted / EV} answers, ${events.length} events of ${ids.size} answers`,
  );
}, 600_000);

/** What the ledger counts, in its usage and in the counter of the limit. */
async function ledger(): Promise<{ counted: bigint; limit: bigint | undefined }> {
  const store = await openStore(
    { ledger: 'sqlite', dataDir: join(folder, 'data'), postgresUrl: undefined },
    undefined,
    systemClock,
  );
  const usage = await store.usage(0, Number.MAX_SAFE_INTEGER);
  const limit = await store.read({ keys: {}, apply: (rows) => rows.counter('signer/total/')?.wei });
  await store.close();
  return { counted: usage.reduce((sum, row) => sum + row.evWei, 0n), limit };
}

async function blockNumber(): Promise<bigint> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_blockNumber', params: [] });
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(devchain.rpcUrl, { method: 'POST', headers, body });
  return BigInt(((await answer.json()) as { result: string }).result); // as JSON-RPC has it
}
