import { PayingSession } from './payment-load.ts';
import type { Result } from './result.ts';
import { payAll } from './signer-payments.ts';
import { type SignerUnderLoad, startSignerUnderLoad } from './signer-under-load.ts';

const CONNECTIONS = 32;
const PAYMENTS = 1_000_000;
/** Short sessions, so that everything that is kept by session or by ticket params is full long before the first look. */
const PAYMENTS_A_SESSION = 10;
const PAYMENTS_A_LOOK = 10_000;
/** Looks from 200,000 payments on, and the last ones. */
const EARLY = { from: 20, to: 30 };
const LATE = { from: 90, to: 100 };

/** Memory of `lp-signer` after a million payments of 100,000 sessions over that after 200,000. Takes ten minutes. */
export async function benchSignerMemory(): Promise<readonly Result[]> {
  await using signer = await startSignerUnderLoad();
  const residentMiB: number[] = [];
  for (let paid = 0; paid < PAYMENTS; paid += PAYMENTS_A_LOOK) {
    await payInShortSessions(signer);
    residentMiB.push((await signer.residentBytes()) / 2 ** 20);
    console.error(`${paid + PAYMENTS_A_LOOK} payments: ${residentMiB.at(-1)?.toFixed(0)} MiB`);
  }
  const early = median(residentMiB.slice(EARLY.from, EARLY.to));
  const late = median(residentMiB.slice(LATE.from, LATE.to));
  return [
    {
      name: 'signer.memory.million-ratio',
      value: late / early,
      better: 'lower',
      note:
        `resident memory before ${PAYMENTS} payments (${late.toFixed(0)} MiB) / before ` +
        `${EARLY.to * PAYMENTS_A_LOOK} (${early.toFixed(0)} MiB), medians of ten looks; most ever ${Math.max(...residentMiB).toFixed(0)} MiB`,
    },
  ];
}

async function payInShortSessions(signer: SignerUnderLoad): Promise<void> {
  const round = CONNECTIONS * PAYMENTS_A_SESSION;
  for (let left = PAYMENTS_A_LOOK; left > 0; left -= round) {
    const sessions = Array.from({ length: CONNECTIONS }, () => new PayingSession(signer));
    await payAll(sessions, Math.min(left, round));
    for (const session of sessions) await session.close();
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
