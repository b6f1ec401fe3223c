import { expect, test } from 'vitest';
import { listen } from '../test/http-server.ts';
import * as runtime from './index.ts';
import { backoff, createTransport, systemClock, systemRandom, TransportError } from './index.ts';
import * as testing from './testing/index.ts';

test('exports what it promises', () => {
  expect(Object.keys(runtime).sort()).toEqual([
    'CertificateChangedError',
    'DeadlineError',
    'TransportError',
    'TransportOptionError',
    'backoff',
    'createTransport',
    'deadline',
    'systemClock',
    'systemRandom',
  ]);
  expect(Object.keys(testing).sort()).toEqual([
    'SimulationStuckError',
    'routeTransport',
    'seededRandom',
    'simulatedClock',
  ]);
});

// The example of the README, run.
const probe = async (url: string): Promise<number> => {
  await using transport = createTransport({ tls: 'pin' });
  for (let attempt = 0; ; attempt++) {
    try {
      const { status } = await transport.request({ method: 'GET', url, timeoutMs: 2_000 });
      return status;
    } catch (error) {
      const again = error instanceof TransportError && !error.sent && attempt < 4;
      if (!again) throw error;
      await systemClock.sleep(backoff(attempt, { baseMs: 200, maxMs: 5_000, random: systemRandom }));
    }
  }
};

test('the example works', async () => {
  await using server = await listen((_request, response) => void response.writeHead(204).end());
  expect(await probe(server.url)).toBe(204);
});
