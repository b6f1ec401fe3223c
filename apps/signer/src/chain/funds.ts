import { checkSenderFunds, type SenderChainView, TicketParamsError } from '@lp/pm/sender';
import { formatEth } from '@lp/pricing';

/** The least that a sender wants to have on the TicketBroker, in wei. */
export interface LeastFunds {
  readonly minDepositWei: bigint;
  readonly minReserveWei: bigint;
}

/** Why orchestrators would refuse this sender's tickets, or the operator wants more; `undefined` when all is well. */
export function fundsProblem(view: SenderChainView, least: LeastFunds): string | undefined {
  try {
    checkSenderFunds(view);
  } catch (error) {
    if (error instanceof TicketParamsError) return error.message;
    throw error;
  }
  const { deposit, reserve } = view.senderInfo;
  if (deposit < least.minDepositWei) {
    return `deposit ${formatEth(deposit)} is below ${formatEth(least.minDepositWei)}`;
  }
  return reserve.fundsRemaining < least.minReserveWei
    ? `reserve ${formatEth(reserve.fundsRemaining)} is below ${formatEth(least.minReserveWei)}`
    : undefined;
}
