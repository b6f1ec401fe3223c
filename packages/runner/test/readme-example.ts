import { registerRunner, SessionError } from '@lp/runner';
import fastify from 'fastify';

/** A runner that gives each session one channel to listen to. */
export async function startRunner(orchestrator: string, secret: string) {
  const app = fastify();
  const stop = new AbortController();
  app.addHook('preClose', async () => stop.abort());
  app.post('/hello', async (request) => {
    const session = await registration.session(request.headers);
    const [events] = await session.createChannels([{ name: 'events', mimeType: 'application/json' }]);
    session.signal?.addEventListener('abort', () => app.log.info(`session ${session.id} is over`));
    return { events: events?.url };
  });
  app.setErrorHandler((error, _request, reply) => {
    const foreign = error instanceof SessionError && /^(no|foreign)-session$/.test(error.code);
    return reply.code(foreign ? 403 : 502).send();
  });
  const registration = await registerRunner({
    orchestrator,
    secret,
    runnerUrl: await app.listen(),
    app: 'example/hello',
    price: { usd: '0.50', unit: 'hour' },
    onEvent: (event) => app.log.info(event),
    signal: stop.signal,
  });
  return { app, registration };
}
