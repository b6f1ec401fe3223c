import { Gauge, type Metrics } from '@lp/service';
import type { SessionTable } from './session/session-table.ts';

/** Adds what an operator watches: sessions, frames and faults of those that are remembered. */
export function countSessions({ registry }: Metrics, table: SessionTable): void {
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  };
  const open = () => table.all().filter((session) => session.state !== 'closed');
  const faulty = (fault: 'output-stalled' | 'connection-lost' | 'payment-failed') => () =>
    open().filter((session) => session.faults.has(fault)).length;
  gauge('lp_gateway_sessions_open', 'Sessions that are open', () => table.openCount);
  gauge('lp_gateway_sessions_opening', 'Sessions that are being opened', () => table.openingCount);
  gauge('lp_gateway_clients', 'Connected frame sockets and event streams', () =>
    open().reduce((sum, session) => sum + session.clients, 0),
  );
  gauge('lp_gateway_output_stalled', 'Open sessions without output', faulty('output-stalled'));
  gauge('lp_gateway_connection_lost', 'Open sessions without their orchestrator', faulty('connection-lost'));
  gauge('lp_gateway_payment_failed', 'Open sessions that cannot be paid', faulty('payment-failed'));
}
