import type { Logger } from 'pino';
import type { DeskListener } from './payments/events.ts';
import type { RegistryEvent } from './registry/registry.ts';

/** Writes what the registry does to the log. */
export const logRegistry =
  (log: Logger) =>
  ({ type, ...fields }: RegistryEvent): void =>
    log.info(fields, type);

/** Writes what happens to money to the log; amounts as decimal text. */
export const logDesk =
  (log: Logger): DeskListener =>
  (event) => {
    switch (event.type) {
      case 'chain-unreachable':
      case 'ledger-failed':
      case 'redemption-failed':
        log.error({ err: event.cause }, event.type);
        return;
      case 'redeemed-unseen':
      case 'ticket-refused':
      case 'redemption-given-up': {
        const { type, ...fields } = event;
        log.warn(fields, type);
        return;
      }
      case 'redeemed':
        log.info(
          {
            ticketHash: event.ticketHash,
            paidWei: event.paidWei.toString(),
            transaction: event.transactionHash,
          },
          event.type,
        );
        return;
      case 'payment':
      case 'redemption-waits': {
        const { type, ...fields } = event;
        log.debug(fields, type);
        return;
      }
      case 'chain-back':
        log.info({ l1Block: event.l1Block.toString() }, event.type);
        return;
      case 'session-closed':
        log.info({ session: event.manifestId, reason: event.reason }, event.type);
    }
  };
