import { parseJson, stringifyJson } from '@lp/protocol';
import { Refusal } from '../errors.ts';
import { type Orchestrator, TRICKLE_PATH } from '../orchestrator.ts';
import { parseRegistration } from '../registry/registration.ts';
import { HEARTBEAT_INTERVAL_SECONDS, HEARTBEAT_TTL_SECONDS } from '../registry/registry.ts';
import { bodyBytes, header, param, type Route } from './route.ts';

/** `.` and `..` would be resolved away in URLs. */
const RUNNER_ID = /^(?!\.{1,2}$)[^/\s\p{Cc}]{0,128}$/u;

/** Where dynamic runners register, renew and leave (live-runner.md section 4). */
export const registrationRoutes = (orchestrator: Orchestrator): readonly Route[] => [
  {
    method: 'POST',
    url: '/runners/heartbeat',
    handler: (request, reply) => {
      const body = parseJson(bodyBytes(request));
      const registration = parseRegistration(body, { priced: orchestrator.desk.onchain });
      const { runner, created } = orchestrator.registry.heartbeat({
        runnerId: runnerId(body),
        authorization: header(request, 'authorization'),
        registration,
      });
      const { runner: base } = orchestrator.urls();
      const sessions = [...runner.sessions.values()].sort(
        (a, b) => a.reservedAtMs - b.reservedAtMs || (a.id < b.id ? -1 : 1),
      );
      return reply.type('application/json').send(
        stringifyJson({
          runner_id: runner.id,
          orchestrator: base,
          heartbeat_interval: `${HEARTBEAT_INTERVAL_SECONDS}s`,
          heartbeat_ttl: `${HEARTBEAT_TTL_SECONDS}s`,
          ...(created && runner.life.kind === 'dynamic'
            ? {
                heartbeat_secret: runner.secrets.heartbeat,
                o2r: runner.life.o2r.describe(base + TRICKLE_PATH),
              }
            : {}),
          session_ids: sessions.map((session) => session.id),
        }),
      );
    },
  },
  {
    method: 'POST',
    url: '/runners/:id/unregister',
    handler: (request, reply) => {
      orchestrator.registry.unregister(param(request, 'id'), header(request, 'authorization'));
      return reply.code(204).send();
    },
  },
];

function runnerId(body: unknown): string {
  const given = (body as Record<string, unknown>)['runner_id'] ?? ''; // parseRegistration refused everything but objects
  if (typeof given !== 'string' || !RUNNER_ID.test(given.trim()))
    throw new Refusal(400, 'runner_id must be at most 128 characters without "/" or spaces', {
      code: 'invalid-runner-id',
    });
  return given.trim();
}
