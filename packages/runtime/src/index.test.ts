import { expect, test } from 'vitest';
import * as runtime from './index.ts';
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
