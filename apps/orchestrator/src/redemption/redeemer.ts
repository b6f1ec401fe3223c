import type { Chain } from '@lp/pm/chain';
import {
  isActiveIn,
  moneyDecision,
  type RedemptionDecision,
  redemptionCost,
  type TicketPolicy,
  timeDecision,
} from '@lp/pm/recipient';
import type { Hex } from '@lp/protocol';
import type { Clock } from '@lp/runtime';
import type { GroupCommit } from '../ledger/group-commit.ts';
import type { ChainView } from '../payments/chain-view.ts';
import type { DeskListener } from '../payments/events.ts';
import { timedCall } from '../payments/timed-call.ts';
import { redemptionFailure } from './redemption-failure.ts';
import type { TicketStore, WaitingTicket } from './ticket-store.ts';

/** Longest wait for a redemption: the receipt (5 minutes) and one replacement (chain.md section 7). */
const REDEEM_TIMEOUT_MS = 11 * 60_000;
const CALL_TIMEOUT_MS = 15_000;

/** Redeems winning tickets, one transaction at a time. */
export interface Redeemer {
  /** Looks at every waiting ticket once, oldest first. */
  pass(signal: AbortSignal): Promise<void>;
  /** A pass at every new L1 block until `signal` aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

/** The redeemer of one recipient's queue (payments.md section 2.7, chain.md section 7). */
export function redeemer(deps: {
  readonly chain: Chain;
  readonly view: ChainView;
  readonly store: TicketStore;
  readonly group: GroupCommit;
  readonly policy: TicketPolicy;
  readonly clock: Clock;
  readonly onEvent: DeskListener;
}): Redeemer {
  const { chain, view, store, group, policy, clock, onEvent } = deps;

  const isUsed = (waiting: WaitingTicket, signal: AbortSignal): Promise<boolean> =>
    timedCall((limit) => chain.isTicketUsed(waiting.ticketHash, { signal: limit }), {
      timeoutMs: CALL_TIMEOUT_MS,
      clock,
      signal,
    });

  const decide = async (waiting: WaitingTicket, signal: AbortSignal): Promise<RedemptionDecision> => {
    const { ticket } = waiting;
    const winner = { ...ticket, expirationBlock: waiting.expirationBlock };
    const early = timeDecision(winner, view.heads.current(), await view.validityRounds());
    if (early !== undefined) return early;

    const head = await view.heads.refresh();
    view.forget(ticket.sender);
    const [used, funds, registration] = await Promise.all([
      isUsed(waiting, signal),
      view.sender(ticket.sender),
      view.registration(),
    ]);
    const own = waiting.status === 'submitting' ? ticket.faceValue : 0n;
    return moneyDecision(winner, {
      recipientActive: isActiveIn(registration, head.lastInitializedRound),
      used,
      txCost: redemptionCost(policy, head.gasPrice),
      reserve: {
        sender: funds.info,
        poolSize: head.poolSize,
        claimedByRecipient: funds.claimed,
        pending: store.pendingOf(ticket.sender) - own,
      },
    });
  };

  /** Keeps the status unless told: a transaction that may be on its way is not forgotten because of a pause. */
  const wait = async (
    waiting: WaitingTicket,
    note: string,
    status: WaitingTicket['status'] = waiting.status,
  ): Promise<void> => {
    if (waiting.status === status && waiting.note === note) return;
    await group.run(() => store.mark(waiting.ticketHash, { status, note }));
    onEvent({ type: 'redemption-waits', ticketHash: waiting.ticketHash, note });
  };

  const giveUp = async (waiting: WaitingTicket, note: string, transactionHash?: Hex): Promise<void> => {
    const settledMs = clock.wallMs();
    const sent = transactionHash === undefined ? {} : { transactionHash };
    await group.run(() => store.mark(waiting.ticketHash, { status: 'given-up', note, settledMs, ...sent }));
    onEvent({ type: 'redemption-given-up', ticketHash: waiting.ticketHash, note });
  };

  /**
   * Settles a ticket that the contract has marked as used. Nobody else knows its recipientRand before a transaction of
   * ours is sent, and the contract credits the recipient whoever sends it, so it was redeemed; how much was left to pay
   * is not known here.
   */
  const settleUsed = async ({ ticketHash }: WaitingTicket): Promise<void> => {
    const note = 'used on chain; the payout was not seen';
    await group.run(() => store.mark(ticketHash, { status: 'redeemed', note, settledMs: clock.wallMs() }));
    onEvent({ type: 'redeemed-unseen', ticketHash });
  };

  const submit = async (waiting: WaitingTicket, signal: AbortSignal): Promise<void> => {
    const { ticketHash, ticket } = waiting;
    // Durable before the transaction is sent: after a crash it still counts against the sender's reserve.
    await group.run(() => store.mark(ticketHash, { status: 'submitting' }));
    try {
      const { transactionHash, paidWei } = await timedCall(
        (limit) => chain.redeem(waiting, { gasLimit: policy.redeemGas, signal: limit }),
        { timeoutMs: REDEEM_TIMEOUT_MS, clock, signal },
      );
      if (paidWei === 0n) {
        await giveUp(waiting, 'burnt: the sender had nothing left to pay', transactionHash);
        return;
      }
      const note = paidWei < ticket.faceValue ? 'paid in part' : undefined;
      await group.run(() =>
        store.mark(ticketHash, {
          status: 'redeemed',
          transactionHash,
          paidWei,
          settledMs: clock.wallMs(),
          ...(note !== undefined && { note }),
        }),
      );
      onEvent({ type: 'redeemed', ticketHash, paidWei, transactionHash });
    } catch (error) {
      // Shutdown: the transaction may be on its way. It stays 'submitting' for the next start to look at.
      if (signal.aborted) return;
      const { outcome, note, transactionHash } = redemptionFailure(error);
      if (outcome === 'final') await settleFailed(waiting, { note, transactionHash }, signal);
      else if (outcome === 'retry') await wait({ ...waiting, status: 'submitting' }, note, 'queued');
      else {
        const sent = transactionHash === undefined ? {} : { transactionHash };
        await group.run(() => store.mark(ticketHash, { status: 'submitting', note, ...sent }));
      }
    } finally {
      view.forget(ticket.sender);
    }
  };

  /** What was sent and failed, or came too late, may have come second, after one whose receipt was not seen. */
  const settleFailed = async (
    waiting: WaitingTicket,
    failure: { readonly note: string; readonly transactionHash: Hex | undefined },
    signal: AbortSignal,
  ): Promise<void> => {
    if (await isUsed(waiting, signal)) await settleUsed(waiting);
    else await giveUp(waiting, failure.note, failure.transactionHash);
  };

  const handle = async (waiting: WaitingTicket, signal: AbortSignal): Promise<void> => {
    const decision = await decide(waiting, signal);
    switch (decision.action) {
      case 'redeem':
        return submit(waiting, signal);
      case 'wait':
        return wait(waiting, decision.reason);
      case 'give-up':
        if (decision.reason === 'used') return settleUsed(waiting);
        return waiting.status === 'submitting'
          ? settleFailed(waiting, { note: decision.reason, transactionHash: undefined }, signal)
          : giveUp(waiting, decision.reason);
    }
  };

  const pass = async (signal: AbortSignal): Promise<void> => {
    for (const waiting of store.waiting()) {
      if (signal.aborted) return;
      try {
        await handle(waiting, signal);
      } catch (cause) {
        // One unreadable sender or one failed write must not keep the others waiting.
        if (!signal.aborted) onEvent({ type: 'redemption-failed', cause });
      }
    }
  };

  return {
    pass,
    async run(signal) {
      let seen = -1n;
      while (!signal.aborted) {
        try {
          seen = (await view.heads.above(seen, signal)).l1Block;
        } catch {
          return;
        }
        await pass(signal);
      }
    },
  };
}
