import { once } from 'node:events';
import {
  choice,
  closeServer,
  createServer,
  defineOptions,
  file,
  LOG_LEVELS,
  listen,
  port,
  runService,
  secret,
  text,
  toggle,
  wei,
} from '../src/index.ts';

/** A complete small app, started as a process by the tests. */
const options = defineOptions({
  name: 'lp-sample',
  describe: 'Answers with its greeting.',
  rows: {
    host: text({ describe: 'Address to listen on.', default: '127.0.0.1' }),
    port: port({ describe: 'Port; 0 takes any free one.', default: '0' }),
    greeting: text({ describe: 'What to answer.', default: 'hello' }),
    limit: wei({ describe: 'A limit.' }),
    loud: toggle({ describe: 'Shout.' }),
    reloads: toggle({ describe: 'Take SIGHUP as a wish to read everything again.' }),
    held: toggle({ describe: 'Start when there is something to read.' }),
    password: file({ describe: 'File with the password.' }),
    token: secret({ describe: 'A token.' }),
    logLevel: choice(LOG_LEVELS, { describe: 'Least level that is logged.', default: 'info' }),
  },
});

await runService({
  name: 'sample',
  options,
  drainMs: 2000,
  reloads: process.argv.includes('--reloads'),
  async start(config, { log, fail }) {
    if (config.held) {
      log.info('held');
      await once(process.stdin, 'data');
      process.stdin.destroy();
    }
    const server = createServer({ log });
    server.get('/', async () => (config.loud ? config.greeting.toUpperCase() : config.greeting));
    server.get('/slow', async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      return 'slow';
    });
    server.get('/hang', (request) => {
      request.log.info('hanging');
      return new Promise(() => {});
    });
    server.post('/fail', async () => void setImmediate(() => fail(new Error('background work died'))));
    server.post(
      '/throw',
      async () =>
        void setImmediate(() => {
          throw new Error('nobody caught this');
        }),
    );
    const url = await listen(server, config);
    let reloads = 0;
    return {
      url,
      also: { admin: url },
      close: async (signal) => void (await closeServer(server, signal)),
      async reload() {
        if (++reloads === 1) throw new Error('the first one fails');
      },
    };
  },
});
