import { describe, expect, it } from 'vitest';
import { browserRefusal } from './browser-guard.ts';

const guard = { hosts: ['gateway.example'], origins: ['https://app.example'] };

describe('browserRefusal', () => {
  it.each([
    ['a program on this machine', { host: '127.0.0.1:8936' }, undefined],
    ['a program through a configured name', { host: 'gateway.example' }, undefined],
    [
      'our own page',
      { host: 'localhost:8936', origin: 'http://localhost:8936', site: 'same-origin' },
      undefined,
    ],
    [
      'an allowed page',
      { host: 'gateway.example', origin: 'https://app.example', site: 'cross-site' },
      undefined,
    ],
    [
      'a rebound name',
      { host: 'evil.example:8936', origin: 'http://evil.example:8936', site: 'same-origin' },
      'foreign-host',
    ],
    ['a name that begins like loopback', { host: '127.0.0.1.evil.example' }, 'foreign-host'],
    ['no host', {}, 'foreign-host'],
    [
      'a foreign page',
      { host: 'localhost:8936', origin: 'https://evil.example', site: 'cross-site' },
      'foreign-origin',
    ],
    [
      'another port of this machine',
      { host: 'localhost:8936', origin: 'http://localhost:3000' },
      'foreign-origin',
    ],
    ['a sandboxed frame', { host: 'localhost:8936', origin: 'null' }, 'foreign-origin'],
    ['an image tag of a foreign page', { host: 'localhost:8936', site: 'cross-site' }, 'foreign-origin'],
  ] as const)('%s', (_who, headers, expected) => {
    expect(browserRefusal(headers, guard)).toBe(expected);
  });
});
