import { auxData } from '../aux-data.ts';
import { bytesToHex } from '../hex.ts';
import type { Ticket } from '../types.ts';
import { ABI, type Contracts } from './contracts.ts';
import type { Redemption } from './port.ts';
import type { Rpc } from './rpc.ts';
import type { Receipt, transactionSender } from './transaction.ts';

/** A winning ticket with what the contract wants to see. */
export interface Winner {
  readonly ticket: Ticket;
  /** 65 bytes. */
  readonly signature: Uint8Array;
  readonly recipientRand: bigint;
}

/**
 * Redeems one ticket (chain.md section 4): tries the call first, so that a refusal costs nothing and takes no nonce,
 * then sends it with the given gas limit and reads the payout from the receipt.
 *
 * @throws ChainError `reverted` with the contract's reason before anything is sent; what sending throws.
 */
export async function redeemWinner(
  deps: {
    readonly rpc: Rpc;
    readonly contracts: Contracts;
    readonly from: string;
    readonly send: ReturnType<typeof transactionSender>;
  },
  winner: Winner,
  options: { readonly gasLimit: bigint; readonly signal?: AbortSignal },
): Promise<Redemption> {
  const { gasLimit, signal } = options;
  const to = await deps.contracts.address('TicketBroker', signal);
  const data = redeemCalldata(winner);
  const gas = `0x${gasLimit.toString(16)}`;
  await deps.rpc.send('eth_call', [{ from: deps.from, to, data, gas }, 'latest'], signal);
  const receipt = await deps.send({ to, data, gasLimit }, signal);
  const { transactionHash, gasUsed } = receipt;
  return { transactionHash, paidWei: payout(receipt, to, winner.ticket), gasUsed };
}

/** Input of `redeemWinningTicket`. */
export function redeemCalldata({ ticket, signature, recipientRand }: Winner): string {
  const { recipient, sender, faceValue, winProb, senderNonce, recipientRandHash } = ticket;
  const aux = bytesToHex(auxData(ticket.creationRound, ticket.creationRoundBlockHash));
  return ABI.TicketBroker.encodeFunctionData('redeemWinningTicket', [
    [recipient, sender, faceValue, winProb, senderNonce, recipientRandHash, aux],
    signature,
    recipientRand,
  ]);
}

/** Wei in `WinningTicketTransfer`; the event is missing when nothing was left to pay. */
function payout(receipt: Receipt, broker: string, ticket: Ticket): bigint {
  let paid = 0n;
  for (const log of receipt.logs) {
    if (log.address.toLowerCase() !== broker) continue;
    const event = ABI.TicketBroker.parseLog({ topics: [...log.topics], data: log.data });
    if (event?.name !== 'WinningTicketTransfer') continue;
    const { sender, recipient, amount } = event.args;
    if (String(sender).toLowerCase() !== ticket.sender.toLowerCase()) continue;
    if (String(recipient).toLowerCase() !== ticket.recipient.toLowerCase()) continue;
    paid += BigInt(amount);
  }
  return paid;
}
