import type { ChainHead, OrchestratorRegistration, SenderInfo } from '@lp/pm/chain';
import {
  isActiveIn,
  type MemoryNonces,
  type NonceStore,
  type RandCommitment,
  type ReceivedTickets,
  type RecipientRand,
  receiveTickets,
  type TicketRefusalCode,
} from '@lp/pm/recipient';
import type { Hex } from '@lp/protocol';
import type { Clock } from '@lp/runtime';
import type { GroupCommit } from '../ledger/group-commit.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { TicketStore } from '../redemption/ticket-store.ts';
import type { ChainView } from './chain-view.ts';
import type { Acceptance, InspectedPayment } from './desk.ts';
import type { DeskListener } from './events.ts';
import { ChainUnreachableError } from './head-watch.ts';
import { PaymentRefusal, type PaymentRefusalCode } from './refusal.ts';

/** Everything that taking a payment touches. */
export interface IntakeDeps {
  readonly view: ChainView;
  readonly recipient: Hex;
  readonly rand: (commitment: RandCommitment) => RecipientRand;
  readonly nonces: MemoryNonces;
  readonly ledger: Ledger;
  readonly store: TicketStore;
  readonly group: GroupCommit;
  readonly clock: Clock;
  readonly onEvent: DeskListener;
}

/**
 * Takes the tickets of an inspected payment (payments.md section 2.6): validation, credit and winners happen in one
 * step and one transaction; the result is given after its commit. When that fails nothing happened, nonces included.
 *
 * @throws PaymentRefusal
 */
export async function takeTickets(inspected: InspectedPayment, deps: IntakeDeps): Promise<Acceptance> {
  const { payment, sender, manifestId } = inspected;
  if (payment.ticketParams === undefined) return { tickets: 0, winners: 0, creditedQuanta: 0n };
  const head = currentHead(deps.view);
  await requireActive(deps, head.lastInitializedRound);
  const funds = await senderFunds(deps.view, sender);

  // From here to the end of `run` nothing waits: two copies of one payment cannot overtake each other.
  const l1Block = deps.view.heads.latest()?.l1Block ?? head.l1Block;
  deps.nonces.prune(l1Block);
  const recorder = nonceRecorder(deps.nonces);
  const view = {
    recipient: deps.recipient,
    l1Block,
    lastInitializedRound: head.lastInitializedRound,
    sender: funds,
    rand: deps.rand,
    nonces: recorder.store,
  };
  let received: ReceivedTickets;
  try {
    received = await deps.group.run(() => {
      const result = receiveTickets(payment, view);
      record(result, inspected, deps);
      return result;
    });
  } catch (cause) {
    recorder.forget();
    throw new PaymentRefusal('ledger-failed', 500, 'Internal Server Error', { cause });
  }
  const { refusal } = received;
  if (refusal !== undefined) {
    deps.onEvent({ type: 'ticket-refused', manifestId, code: refusal.code, text: refusal.text });
    throw new PaymentRefusal(REFUSAL_CODES[refusal.code] ?? 'ticket', 400, refusal.text);
  }
  deps.onEvent({
    type: 'payment',
    manifestId,
    tickets: received.credited,
    winners: received.winners.length,
  });
  return {
    tickets: received.credited,
    winners: received.winners.length,
    creditedQuanta: received.creditedQuanta,
  };
}

const REFUSAL_CODES: Partial<Record<TicketRefusalCode, PaymentRefusalCode>> = {
  'missing-sender': 'incomplete-payment',
  'missing-price': 'price-mismatch',
  'missing-expiration-params': 'incomplete-payment',
  'sender-unlocking': 'sender-unlocking',
};

/** Writes credit and winners. Accounts and journal grow by value only: a used ticket sent again writes nothing. */
function record(
  received: ReceivedTickets,
  { payment, sender, manifestId }: InspectedPayment,
  deps: IntakeDeps,
): void {
  if (received.credited > 0) {
    deps.ledger.credit(
      { sender, manifestId },
      {
        quanta: received.creditedQuanta,
        tickets: received.credited,
        ...(payment.expectedPrice !== undefined && { price: payment.expectedPrice }),
      },
    );
  }
  for (const winner of received.winners) {
    deps.store.add(winner, { manifestId, nowMs: deps.clock.wallMs() });
  }
}

function currentHead(view: ChainView): ChainHead {
  try {
    return view.heads.current();
  } catch (cause) {
    if (!(cause instanceof ChainUnreachableError)) throw cause;
    throw unreachable(cause.message, cause);
  }
}

async function requireActive({ view, recipient }: IntakeDeps, round: bigint): Promise<void> {
  let registration: OrchestratorRegistration;
  try {
    registration = await view.registration();
  } catch (cause) {
    throw unreachable('the registration of the orchestrator could not be read; try again later', cause);
  }
  if (isActiveIn(registration, round)) return;
  const text = `orchestrator ${recipient} is inactive in round ${round}`;
  throw new PaymentRefusal('recipient-inactive', 400, text);
}

async function senderFunds(view: ChainView, sender: Hex): Promise<SenderInfo> {
  try {
    return (await view.sender(sender)).info;
  } catch (cause) {
    // Upstream says 400 here; 503 tells the client that nothing was processed and that it may come back.
    throw unreachable(`could not get sender info for ${sender}; try again later`, cause);
  }
}

const unreachable = (text: string, cause?: unknown): PaymentRefusal =>
  new PaymentRefusal('chain-unreachable', 503, text, { cause });

/** Remembers which nonces one payment used up, so that a failed commit can give them back. */
function nonceRecorder(nonces: MemoryNonces): { store: NonceStore; forget(): void } {
  const recorded: [Hex, number][] = [];
  return {
    store: {
      record(hash, nonce, expirationBlock) {
        const verdict = nonces.record(hash, nonce, expirationBlock);
        if (verdict === 'recorded') recorded.push([hash, nonce]);
        return verdict;
      },
    },
    forget() {
      for (const [hash, nonce] of recorded) nonces.forget(hash, nonce);
    },
  };
}
