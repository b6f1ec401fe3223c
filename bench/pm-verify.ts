import { hashMessage, loadCrypto, privateKeySigner, signTickets, ticketHashBytes } from '@lp/pm';
import {
  DEFAULT_TICKET_POLICY,
  MAX_NONCES_PER_PARAMS,
  makeTicketParams,
  memoryNonces,
  type RecipientView,
  receiveTickets,
  recipientRandSource,
} from '@lp/pm/recipient';
import { ratio } from '@lp/pricing';
import type { Payment } from '@lp/protocol';
import type { Result } from './result.ts';
import { compare, describeSpread } from './rounds.ts';
import { SAMPLE_KEY, SAMPLE_TICKET } from './sample-ticket.ts';
import { loadSecp256k1 } from './secp256k1.ts';

const BATCH = 3;
const PRICE = { pricePerUnit: 1_388_888_888_888n, pixelsPerUnit: 1n };
const HEAD = {
  l1Block: 23_500_000n,
  lastInitializedRound: SAMPLE_TICKET.creationRound,
  roundBlockHash: SAMPLE_TICKET.creationRoundBlockHash,
  previousRoundBlockHash: SAMPLE_TICKET.creationRoundBlockHash,
  currentRoundInitialized: true,
  poolSize: 100n,
  gasPrice: 10_000_000n,
};

/** Tickets per second that the recipient core checks fully, three a payment, against a bare native recover loop. */
export async function benchVerifying(): Promise<readonly Result[]> {
  const { keccak } = await loadCrypto();
  const rand = recipientRandSource(new Uint8Array(32).fill(3));
  const payments = await makePayments(rand);
  const view: Omit<RecipientView, 'nonces'> = {
    recipient: SAMPLE_TICKET.recipient,
    l1Block: HEAD.l1Block,
    lastInitializedRound: HEAD.lastInitializedRound,
    sender: {
      deposit: 10n ** 18n,
      withdrawRound: 0n,
      reserve: { fundsRemaining: 10n ** 18n, claimedInCurrentRound: 0n },
    },
    rand,
  };
  let next = 0;
  let nonces = memoryNonces();
  const ours = (batches: number) => {
    for (let done = 0; done < batches; done++) {
      const payment = payments[next++];
      if (payment === undefined) throw new Error('no payment left to check');
      if (receiveTickets(payment, { ...view, nonces }).credited !== BATCH)
        throw new Error('a ticket was refused');
      if (next === payments.length) {
        next = 0;
        nonces = memoryNonces(); // each pass over the payments is a fresh set of params to the recipient
      }
    }
  };

  const native = loadSecp256k1();
  const recoverable = payments.flatMap(signaturesOf);
  const bare = (batches: number) => {
    for (let done = 0; done < batches * BATCH; done++) {
      const one = recoverable[done % recoverable.length];
      if (one !== undefined) native.ecdsaRecover(one.compact, one.recoveryId, one.digest, false);
    }
  };

  const comparison = await compare(ours, bare);
  return [
    {
      name: 'pm.verify.native-ratio',
      value: comparison.ratio,
      better: 'higher',
      note: `receiveTickets, ${BATCH} a payment (keccak ${keccak}) / bare ecdsaRecover; ${describeSpread(comparison)}`,
    },
  ];
}

/** As many payments as one set of params takes nonces. */
async function makePayments(rand: RecipientView['rand']): Promise<Payment[]> {
  const signer = privateKeySigner(SAMPLE_KEY);
  const { expirationParams, ...ticketParams } = makeTicketParams({
    policy: DEFAULT_TICKET_POLICY,
    recipient: SAMPLE_TICKET.recipient,
    sender: signer.address,
    price: ratio(PRICE.pricePerUnit, PRICE.pixelsPerUnit),
    head: HEAD,
    gasPrice: HEAD.gasPrice,
    maxFloat: 10n ** 18n,
    seed: new Uint8Array(32).fill(0xa5),
    rand,
  });
  if (expirationParams === undefined) throw new Error('the params carry no round');
  const payments: Payment[] = [];
  for (let first = 1; first + BATCH - 1 <= MAX_NONCES_PER_PARAMS; first += BATCH) {
    const nonces = Array.from({ length: BATCH }, (_, index) => first + index);
    const template = { ...ticketParams, ...expirationParams, sender: signer.address, senderNonce: 0 };
    const signatures = await signTickets(template, nonces, signer);
    payments.push({
      ticketParams,
      sender: signer.address,
      expirationParams,
      expectedPrice: PRICE,
      ticketSenderParams: signatures.map((sig, index) => ({ senderNonce: first + index, sig })),
    });
  }
  return payments;
}

/** What a bare recover loop needs, prepared. */
function signaturesOf({ ticketParams, sender, expirationParams, ticketSenderParams }: Payment) {
  if (ticketParams === undefined || sender === undefined || expirationParams === undefined) return [];
  return ticketSenderParams.map(({ senderNonce, sig }) => ({
    compact: sig.slice(0, 64),
    recoveryId: sig[64] === 28 ? 1 : 0,
    digest: hashMessage(ticketHashBytes({ ...ticketParams, ...expirationParams, sender, senderNonce })),
  }));
}
