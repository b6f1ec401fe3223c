import { PayingSession } from './payment-load.ts';
import type { Result } from './result.ts';
import { payAll } from './signer-payments.ts';
import { type SignerUnderLoad, startSignerUnderLoad } from './signer-under-load.ts';

/** More than one worker answers at once: a load that asks for a second one. */
const CONNECTIONS = 128;
const WARM_UP = 6000;
const ROUNDS = 8;
const PAYMENTS_A_ROUND = 4000;

/** CPU per answer of `--workers 2`, supervisor included, over that of one process under the same load, taking turns. */
export async function benchSignerWorkers(): Promise<readonly Result[]> {
  await using one = await startSignerUnderLoad(1);
  await using two = await startSignerUnderLoad(2);
  const sessionsOf = (signer: SignerUnderLoad) =>
    Array.from({ length: CONNECTIONS }, () => new PayingSession(signer));
  const [atOne, atTwo] = [sessionsOf(one), sessionsOf(two)];
  await payAll(atOne, WARM_UP);
  await payAll(atTwo, 2 * WARM_UP); // each worker warms up for itself
  const rounds: { ratio: number; oneUs: number; twoUs: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const oneUs = await answerUs(one, atOne);
    const twoUs = await answerUs(two, atTwo);
    rounds.push({ ratio: twoUs / oneUs, oneUs, twoUs });
  }
  for (const session of [...atOne, ...atTwo]) await session.close();
  rounds.sort((a, b) => a.ratio - b.ratio);
  const at = (part: number) => rounds[Math.floor(part * (ROUNDS - 1))]?.ratio ?? Number.NaN;
  const typical = rounds[Math.floor(0.5 * (ROUNDS - 1))];
  return [
    {
      name: 'signer.payments.workers-ratio',
      value: at(0.5),
      better: 'lower',
      note:
        `CPU per answer with two workers (${typical?.twoUs.toFixed(0)} us) / with one ` +
        `(${typical?.oneUs.toFixed(0)} us), ${CONNECTIONS} connections, one SQLite ledger each; ` +
        `quartiles ${at(0.25).toFixed(3)} to ${at(0.75).toFixed(3)} of ${ROUNDS} rounds`,
    },
  ];
}

async function answerUs(signer: SignerUnderLoad, sessions: readonly PayingSession[]): Promise<number> {
  const before = await signer.cpuSeconds();
  await payAll(sessions, PAYMENTS_A_ROUND);
  return ((await signer.cpuSeconds()) - before) * (1e6 / PAYMENTS_A_ROUND);
}
