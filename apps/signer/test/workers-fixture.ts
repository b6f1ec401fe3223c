import type { Devchain } from '@lp/devchain';
import { MAX_WIN_PROB } from '@lp/pm';
import { type Answer, call, offerText } from './signer-fixture.ts';
import { type SignerProcess, spawnSigner } from './signer-process.ts';

/** Expected value of a ticket in wei, and what every answer has. */
export const EV = 10n ** 12n;

/** Starts a signer of two workers on a development chain. */
export function startWorkers(
  devchain: Devchain,
  { flags = [], env = {} }: { flags?: readonly string[]; env?: Readonly<Record<string, string>> } = {},
): Promise<SignerProcess> {
  return spawnSigner({
    account: devchain.accounts.sender,
    env,
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

/** Makes offers with ticket params of their own, good from now on. */
export async function offersOn(devchain: Devchain): Promise<() => string> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_blockNumber', params: [] });
  const headers = { 'content-type': 'application/json' };
  const { json } = await call(devchain.rpcUrl, { method: 'POST', headers, body });
  const l1Block = BigInt(json.result as string);
  return () =>
    offerText({
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
export function payAt(url: string, body: object, deadlineMs = 5000): Promise<Answer> {
  return call(`${url}/generate-live-payment`, {
    method: 'POST',
    body: JSON.stringify({ type: '', inPixels: Number(EV - 1n), ManifestID: 'm', ...body }),
    signal: AbortSignal.timeout(deadlineMs), // as clients have: a connection may be on its way to a worker that dies
  });
}

/** Process ids of the workers that logged `message`, in order: each logs with its own. */
export function workersThat(message: string, log: string): number[] {
  const pids = log
    .split('\n')
    .filter((line) => line.includes(`"msg":${JSON.stringify(message)}`))
    .map((line) => (JSON.parse(line) as { pid: number }).pid);
  return [...new Set(pids)];
}

/** All workers so far, the oldest first. */
export const workersIn = (log: string): number[] => workersThat('key unlocked', log);
