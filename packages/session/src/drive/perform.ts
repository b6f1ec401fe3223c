import { HEADERS } from '@lp/protocol';
import { TransportError } from '@lp/runtime';
import type { DeliveryAnswer, ProbeAnswer } from '../funding/answers.ts';
import type { MintRequest, PendingPayment } from '../funding/state.ts';
import type { SignerAnswer } from '../signer/answer.ts';
import type { PaymentType } from '../signer/client.ts';
import type { FundingPorts } from './ports.ts';
import { readDelivery, readDeliveryFailure, readProbe, readProbeFailure } from './read-answer.ts';

/** `type` on the wire: units in the request mean that the client counts. */
const typeOf = (request: MintRequest): PaymentType => {
  if (request.units !== undefined) return '';
  return request.terms.price.unit === 'seconds' ? 'live' : 'lv2v';
};

/** Calls the signer. */
export const mint = (request: MintRequest, timeoutMs: number, ports: FundingPorts): Promise<SignerAnswer> =>
  ports.signer.pay({
    type: typeOf(request),
    terms: request.terms,
    manifestId: ports.manifestId,
    app: ports.app,
    state: request.state,
    units: request.units,
    maxPrice: ports.maxPrice,
    lead: request.lead,
    timeoutMs,
    signal: ports.signal,
  });

/** Sends a payment: the same bytes to the same URL every time (funding.md rule 4). */
export async function deliver(
  { payment, segment }: PendingPayment,
  timeoutMs: number,
  ports: FundingPorts,
): Promise<DeliveryAnswer> {
  try {
    const response = await ports.transport.request({
      method: 'POST',
      url: ports.paymentUrl,
      headers: { [HEADERS.payment]: payment, [HEADERS.segment]: segment },
      timeoutMs,
      signal: ports.signal,
    });
    return readDelivery(response, ports.unit);
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    // A body that was too large came after a status: what the orchestrator did is not known.
    return readDeliveryFailure(error);
  }
}

/** Asks for the session by a payment without headers: costs nothing, changes nothing (live-runner.md section 14.1). */
export async function probe(
  timeoutMs: number,
  ports: Pick<FundingPorts, 'transport' | 'probeUrl' | 'signal'>,
): Promise<ProbeAnswer> {
  try {
    const response = await ports.transport.request({
      method: 'POST',
      url: ports.probeUrl,
      timeoutMs,
      signal: ports.signal,
    });
    return readProbe(response);
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    return readProbeFailure(error);
  }
}
