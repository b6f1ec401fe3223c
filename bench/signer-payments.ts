import { hexToBytes, loadCrypto } from '@lp/pm';
import { PayingSession } from './payment-load.ts';
import type { Result } from './result.ts';
import { SAMPLE_KEY, SAMPLE_TICKET } from './sample-ticket.ts';
import { loadSecp256k1 } from './secp256k1.ts';
import { startSignerUnderLoad } from './signer-under-load.ts';

const CONNECTIONS = 32;
const WARM_UP = 3000;
const ROUNDS = 8;
const PAYMENTS_A_ROUND = 3000;
const BARE_A_ROUND = 2000;

/**
 * Bare crypto of one answer (recover the state's signer; sign ticket, segment and state) over the CPU that `lp-signer`
 * uses per answer: HTTP over 32 connections, API key, four limits, SQLite ledger. The two take turns.
 */
export async function benchSignerPayments(): Promise<readonly Result[]> {
  await loadCrypto();
  await using signer = await startSignerUnderLoad();
  const sessions = Array.from({ length: CONNECTIONS }, () => new PayingSession(signer));
  await payAll(sessions, WARM_UP);
  bareCrypto(BARE_A_ROUND);
  const rounds: { ratio: number; bareUs: number; answerUs: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const bareUs = bareCrypto(BARE_A_ROUND);
    const before = await signer.cpuSeconds();
    await payAll(sessions, PAYMENTS_A_ROUND);
    const answerUs = ((await signer.cpuSeconds()) - before) * (1e6 / PAYMENTS_A_ROUND);
    rounds.push({ ratio: bareUs / answerUs, bareUs, answerUs });
  }
  for (const session of sessions) await session.close();
  rounds.sort((a, b) => a.ratio - b.ratio);
  const at = (part: number) => rounds[Math.floor(part * (ROUNDS - 1))]?.ratio ?? Number.NaN;
  const typical = rounds[Math.floor(ROUNDS / 2)];
  return [
    {
      name: 'signer.payments.crypto-ratio',
      value: at(0.5),
      better: 'higher',
      note:
        `bare recover and three signs (${typical?.bareUs.toFixed(0)} us) / CPU per answer over HTTP ` +
        `(${typical?.answerUs.toFixed(0)} us), ${CONNECTIONS} connections, ledger, key and 4 limits; ` +
        `quartiles ${at(0.25).toFixed(3)} to ${at(0.75).toFixed(3)} of ${ROUNDS} rounds`,
    },
  ];
}

/** `count` payments, each session one after the other, all sessions at once. */
export async function payAll(sessions: readonly PayingSession[], count: number): Promise<void> {
  let left = count;
  await Promise.all(
    sessions.map(async (session) => {
      while (left-- > 0) await session.pay();
    }),
  );
}

/** CPU microseconds of one recover and three signs. */
function bareCrypto(count: number): number {
  const native = loadSecp256k1();
  const key = hexToBytes(SAMPLE_KEY);
  const digest = hexToBytes(SAMPLE_TICKET.recipientRandHash);
  const known = native.ecdsaSign(digest, key);
  const start = process.cpuUsage();
  for (let done = 0; done < count; done++) {
    digest[31] = done;
    native.ecdsaRecover(known.signature, known.recid, digest, true);
    for (let sign = 0; sign < 3; sign++) {
      digest[30] = sign;
      native.ecdsaSign(digest, key);
    }
  }
  const { user, system } = process.cpuUsage(start);
  return (user + system) / count;
}
