import type { LivePaymentRequest } from '@lp/pm/sender';
import { stringifyJson } from '@lp/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { CallGate, Gate } from '../access/gate.ts';
import type { SignerMetrics } from '../metrics.ts';
import type { MadePayment, PaymentDesk } from '../payment/payment-desk.ts';
import { readPaymentRequest } from '../payment/read-request.ts';
import { creditFields } from './credit-fields.ts';
import { sendJson } from './json-reply.ts';

/** `POST /generate-live-payment` (remote-signer.md sections 1.3 and 1.4). */
export function paymentRoute(
  server: FastifyInstance,
  { desk, gate, metrics }: { desk: PaymentDesk; gate: Gate; metrics: SignerMetrics },
): void {
  server.post('/generate-live-payment', async (request, reply) => {
    try {
      const callGate = gate.forPayment(request);
      const made = await desk.pay(await readAllowed(request, callGate), callGate);
      count(metrics, made);
      logPayment(request, made);
      return await sendJson(reply, answerBody(made));
    } catch (error) {
      metrics.payments.inc({ code: codeOf(error) });
      throw error;
    }
  });
}

/** A body that cannot be read is complained about only to callers that are allowed in. */
async function readAllowed(request: FastifyRequest, gate: CallGate): Promise<LivePaymentRequest> {
  try {
    return readPaymentRequest(request.body instanceof Uint8Array ? request.body : new Uint8Array());
  } catch (refusal) {
    await gate.authorise(undefined, 'refused');
    throw refusal;
  }
}

function count(metrics: SignerMetrics, { plan }: MadePayment): void {
  if (plan === undefined) {
    metrics.payments.inc({ code: 'repeated' });
    return;
  }
  const tickets = plan.nonces.length;
  metrics.payments.inc({ code: 'paid' });
  metrics.tickets.inc(tickets);
  metrics.ticketEvWei.inc(Number((plan.ticketEv.n * BigInt(tickets)) / plan.ticketEv.d));
}

/** Written by hand: everything but the credit is base64, which JSON takes as it is. */
function answerBody({ answer }: MadePayment): string {
  const { payment, segCreds, state, credit } = answer;
  const signed = `{"State":"${base64(state.state)}","Sig":"${base64(state.sig)}"}`;
  const funding = stringifyJson(creditFields(credit));
  return `{"payment":"${payment}","segCreds":"${segCreds}","state":${signed},"lpFunding":${funding}}\n`;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}

/** No signature and no state: whoever reads the log must not be able to pay. */
function logPayment(request: FastifyRequest, { plan, caller }: MadePayment): void {
  if (plan === undefined) {
    request.log.debug({ caller: caller.identity }, 'answered again');
    return;
  }
  request.log.debug(
    {
      caller: caller.identity,
      stateId: plan.nextState.stateId,
      sequence: plan.nextState.sequenceNumber.toString(),
      manifestId: plan.opened.manifestId,
      orchestrator: plan.opened.state.orchestratorAddress,
      app: plan.opened.state.app,
      type: plan.opened.state.type,
      units: plan.units.toString(),
      tickets: plan.nonces.length,
    },
    'paid',
  );
}

/** Codes of our own errors are a bounded set; anything else counts as one. */
function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^[a-z-]{1,40}$/.test(code) ? code : 'internal';
}
