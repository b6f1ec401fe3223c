import type { PaymentDesk } from './desk.ts';
import { PaymentRefusal } from './refusal.ts';

/**
 * The desk of an orchestrator without a chain: nothing costs anything. Meters run nothing; whatever asks for or carries
 * a payment is refused with 404.
 */
export function offchainDesk(): PaymentDesk {
  const refuse = (): PaymentRefusal =>
    new PaymentRefusal('offchain', 404, 'payments are not taken: this orchestrator runs off-chain');
  const reject = () => Promise.reject(refuse());
  return {
    onchain: false,
    paymentIntervalMs: 0,
    challenge: reject,
    refresh: reject,
    inspect() {
      throw refuse();
    },
    accept: reject,
    pay: reject,
    refreshedInfo: reject,
    openMeter: reject,
    statement: () => undefined,
    tickets: () => [],
    health: () => ({ ok: true, problems: [], chainAgeMs: undefined, openMeters: 0, queuedTickets: 0 }),
    close: () => Promise.resolve(),
  };
}
