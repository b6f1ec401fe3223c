/** Settings under which no client would ever pay; ends the start with exit code 2. */
export class TicketSettingsError extends Error {
  override readonly name = 'TicketSettingsError';
  readonly code = 'invalid-ticket-settings';
  readonly exitCode = 2;
}

/**
 * Checks what an operator asks of tickets; amounts in wei. Senders refuse a face value that is not above the expected
 * value (payments.md section 2.5, row 5), so a limit that low would refuse every challenge or every payment.
 *
 * @throws TicketSettingsError
 */
export function checkTicketSettings({
  ticketEv,
  maxFaceValue,
}: {
  readonly ticketEv: bigint;
  readonly maxFaceValue: bigint;
}): void {
  if (ticketEv < 1n) {
    throw new TicketSettingsError(
      'LP_ORCHESTRATOR_TICKET_EV_WEI must be at least 1: tickets would be worth nothing',
    );
  }
  if (maxFaceValue > 0n && maxFaceValue <= ticketEv) {
    throw new TicketSettingsError(
      `LP_ORCHESTRATOR_MAX_FACE_VALUE_WEI must be above the ticket EV of ${ticketEv} wei, or 0 for no limit: ` +
        'senders refuse a face value that is not above the expected value',
    );
  }
}
