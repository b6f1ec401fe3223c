import { challengeInfo, decodePaymentHeader, parseChallenge, WireError } from '@lp/protocol';

/** What an orchestrator asks for, and whether a payment answers it. */
export function priceOf(challengeBody: string): string {
  const { priceInfo } = challengeInfo(parseChallenge(challengeBody));
  return priceInfo ? `${priceInfo.pricePerUnit}/${priceInfo.pixelsPerUnit} wei per unit` : 'free';
}

export function ticketsIn(header: string | undefined): number {
  try {
    return decodePaymentHeader(header).ticketSenderParams.length;
  } catch (error) {
    if (error instanceof WireError) return 0;
    throw error;
  }
}
