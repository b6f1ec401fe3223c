import type { Metrics } from '@lp/service';
import { Counter, Gauge } from 'prom-client';
import type { ChainView } from './chain/chain-view.ts';
import type { Catalogue } from './discovery/catalogue.ts';

/** What an operator watches besides requests. */
export interface SignerMetrics {
  /** Payment calls by `code`: `paid`, or the refusal's. */
  readonly payments: Counter<'code'>;
  readonly tickets: Counter;
  /** Sum of the expected value of signed tickets, in wei; as a float, for graphs only. */
  readonly ticketEvWei: Counter;
}

/** Registers the signer's metrics. */
export function signerMetrics({ registry }: Metrics, chain: ChainView, catalogue: Catalogue): SignerMetrics {
  const registers = [registry];
  new Gauge({
    name: 'lp_signer_chain_age_seconds',
    help: 'Time since the chain was last read',
    aggregator: 'max',
    registers,
    collect() {
      this.set((chain.ageMs() ?? Number.POSITIVE_INFINITY) / 1000);
    },
  });
  new Gauge({
    name: 'lp_signer_funds_wei',
    help: 'What the sender has on the TicketBroker, as last read',
    labelNames: ['kind'] as const,
    aggregator: 'min',
    registers,
    collect() {
      const funds = chain.last()?.senderInfo;
      if (funds === undefined) return;
      this.set({ kind: 'deposit' }, Number(funds.deposit));
      this.set({ kind: 'reserve' }, Number(funds.reserve.fundsRemaining));
    },
  });
  new Gauge({
    name: 'lp_signer_discovery_orchestrators',
    help: 'Orchestrators by half of their news (runners: /discovery, capabilities: gRPC) and its state: answered in the last round, kept from before, or none',
    labelNames: ['half', 'state'] as const,
    aggregator: 'max',
    registers,
    collect() {
      const known = catalogue.known();
      for (const half of ['runners', 'capabilities'] as const) {
        for (const state of ['answered', 'kept', 'none'] as const) {
          this.set({ half, state }, known.filter((one) => one[half].state === state).length);
        }
      }
    },
  });
  return {
    payments: new Counter({
      name: 'lp_signer_payments_total',
      help: 'Calls of generate-live-payment by outcome',
      labelNames: ['code'] as const,
      registers,
    }),
    tickets: new Counter({ name: 'lp_signer_tickets_total', help: 'Tickets signed', registers }),
    ticketEvWei: new Counter({
      name: 'lp_signer_ticket_ev_wei_total',
      help: 'Expected value of all tickets signed, in wei',
      registers,
    }),
  };
}
