import { ratio } from '@lp/pricing';
import type { SessionEvent } from '@lp/session';
import { describe, expect, it } from 'vitest';
import { portEvent } from './paid-session.ts';

const at = (event: object): SessionEvent => ({ atMs: 0, ...event }) as SessionEvent;

describe('portEvent', () => {
  it.each([
    [{ type: 'payment', tickets: 1, wei: ratio(1n), roundTripMs: 1, runwayMs: 1 }, { type: 'payment' }],
    [
      { type: 'payment-failed', peer: 'signer', runwayMs: 5, message: 'm' },
      { type: 'payment-failed', runwayMs: 5, cause: 'm' },
    ],
    [
      { type: 'connection-lost', peer: 'orchestrator', runwayMs: 5 },
      { type: 'connection-lost', cause: 'the orchestrator does not answer' },
    ],
    [
      { type: 'probe', alive: true, message: '' },
      { type: 'probe', alive: true },
    ],
    [{ type: 'probe', alive: undefined, message: '' }, undefined],
    [{ type: 'not-ready' }, { type: 'not-ready' }],
    [
      { type: 'rescue', message: 'm' },
      { type: 'remark', what: 'rescue', message: 'm' },
    ],
    [
      { type: 'dropped', reason: 'insufficient-balance', message: 'm' },
      { type: 'dropped', reason: 'insufficient-balance' },
    ],
    [
      { type: 'dropped', reason: undefined, message: 'm' },
      { type: 'dropped', reason: 'm' },
    ],
    [{ type: 'runway', runwayMs: 1 }, undefined],
  ])('of %#', (event, expected) => expect(portEvent(at(event))).toEqual(expected));
});
