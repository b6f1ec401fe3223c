import { stringifyJson } from '@lp/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal, SESSION_ENDED } from '../errors.ts';
import type { Orchestrator } from '../orchestrator.ts';
import { hasPayment, type Meter, type PaymentHeaders } from '../payments/desk.ts';
import type { DeskReply } from '../payments/refusal.ts';
import { offerOf } from '../prices/offer.ts';
import type { Runner } from '../registry/runner.ts';
import { newSessionId } from '../registry/secrets.ts';
import type { ReleaseReason, RunnerSession } from '../registry/session.ts';
import { bodyBytes, clientGone, header, param, type Route } from './route.ts';

/** Reserving, paying and stopping sessions (live-runner.md sections 7 to 9). */
export const sessionRoutes = (orchestrator: Orchestrator): readonly Route[] => [
  {
    method: 'POST',
    url: '/apps/:route/session',
    handler: async (request, reply) => {
      const runner = orchestrator.registry.ready(param(request, 'route'));
      if (runner.registration.mode !== 'persistent')
        throw new Refusal(400, 'only persistent runners have sessions', { code: 'not-persistent' });
      if (!orchestrator.desk.onchain) {
        const session = orchestrator.registry.reserve(runner, newSessionId(orchestrator.random));
        return reply.type('application/json').send(sessionReply(orchestrator, runner, session));
      }
      return reservePaid(orchestrator, runner, request, reply);
    },
  },
  {
    method: 'POST',
    url: '/apps/:route/session/:session/payment',
    handler: async (request, reply) => {
      const session = openSession(orchestrator, param(request, 'route'), param(request, 'session'));
      const purpose = { kind: 'follow-up', sessionId: session.id } as const;
      return send(
        reply,
        await orchestrator.desk.pay(paymentHeaders(request), purpose, { signal: clientGone(reply) }),
      );
    },
  },
  {
    method: 'POST',
    url: '/apps/:route/session/:session/stop',
    handler: (request, reply) => {
      const runner = orchestrator.registry.known(param(request, 'route'));
      const session = runner.sessions.get(param(request, 'session'));
      if (session !== undefined) orchestrator.registry.release(runner, session, 'stopped-by-client');
      return reply.code(204).send();
    },
  },
  {
    method: 'POST',
    url: '/payment',
    handler: async (request, reply) =>
      send(
        reply,
        await orchestrator.desk.pay(
          paymentHeaders(request),
          { kind: 'legacy' },
          { signal: clientGone(reply) },
        ),
      ),
  },
  {
    method: 'POST',
    url: '/refresh-payment',
    handler: async (request, reply) =>
      send(reply, await orchestrator.desk.refresh(bodyBytes(request), { signal: clientGone(reply) })),
  },
];

/**
 * The session that is being paid for. Where the registry does not know any more why there is none (its runner is gone,
 * or the orchestrator was restarted) the ledger does: the client learns that it is over instead of asking on.
 *
 * @throws Refusal 404
 */
function openSession({ desk, registry }: Orchestrator, route: string, sessionId: string): RunnerSession {
  try {
    return registry.session(registry.ready(route), sessionId);
  } catch (error) {
    if (!(error instanceof Refusal) || error.headers[SESSION_ENDED] !== undefined) throw error;
    const reason = desk.statement(sessionId)?.closeReason;
    if (reason === undefined) throw error;
    const { status, message, code } = error;
    throw new Refusal(status, message, { code, headers: { [SESSION_ENDED]: reason }, cause: error });
  }
}

/** The order of live-runner.md section 7, steps 4 to 14. */
async function reservePaid(
  orchestrator: Orchestrator,
  runner: Runner,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { desk, registry } = orchestrator;
  const offered = offerOf(runner, orchestrator.rate);
  const headers = paymentHeaders(request);
  if (!hasPayment(headers)) {
    const payer = header(request, 'livepeer-payer-address');
    const paymentUrl = (manifestId: string): string =>
      `${controlUrl(orchestrator, runner, manifestId)}/payment`;
    return send(reply, await desk.challenge({ payer, offered, paymentUrl, signal: clientGone(reply) }));
  }
  const inspected = desk.inspect(headers, { kind: 'reservation', offered });
  const session = registry.reserve(runner, inspected.manifestId);
  const onRelease = (reason: ReleaseReason): void => registry.release(runner, session, reason);
  let meter: Meter;
  try {
    await desk.accept(inspected);
    meter = await desk.openMeter({ inspected, offered, onRelease });
  } catch (error) {
    registry.release(runner, session, 'payment-refused');
    throw error;
  }
  stopMeterOnRelease(orchestrator, session, meter);
  return reply.type('application/json').send(sessionReply(orchestrator, runner, session));
}

/** A released session costs nothing from that moment, whoever released it. */
function stopMeterOnRelease(orchestrator: Orchestrator, session: RunnerSession, meter: Meter): void {
  const stop = (): void => {
    const reason = session.released.reason as ReleaseReason; // RunnerSession.release aborts with nothing else
    meter.stop(reason === 'payment-refused' ? 'stopped-by-client' : reason).catch((error: unknown) => {
      orchestrator.log('error', 'closing the account of a session failed', { session: session.id, error });
    });
  };
  if (session.released.aborted) stop();
  else session.released.addEventListener('abort', stop, { once: true });
}

const controlUrl = (orchestrator: Orchestrator, runner: Runner, sessionId: string): string =>
  `${orchestrator.urls().service}/apps/${encodeURIComponent(runner.route)}/session/${encodeURIComponent(sessionId)}`;

function sessionReply(orchestrator: Orchestrator, runner: Runner, session: RunnerSession): string {
  const control = controlUrl(orchestrator, runner, session.id);
  return stringifyJson({ session_id: session.id, app_url: `${control}/app`, control_url: control });
}

const paymentHeaders = (request: FastifyRequest): PaymentHeaders => ({
  payment: header(request, 'livepeer-payment'),
  segment: header(request, 'livepeer-segment'),
});

const send = (reply: FastifyReply, answer: DeskReply): FastifyReply =>
  reply.code(answer.status).type(answer.contentType).send(answer.body);
