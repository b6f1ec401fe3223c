import { decodeState, encodeState, type SignerState } from '@lp/pm/sender';
import { expect, test } from 'vitest';
import { IssuedStates } from './issued-states.ts';

const state = (stateId: string, senderNonce = 1): SignerState => ({
  stateId,
  pmSessionId: `0x${'11'.repeat(32)}`,
  lastUpdateNs: 1_800_000_000_000_000_000n,
  orchestratorAddress: `0x${'aa'.repeat(20)}`,
  app: '',
  authExpiry: 0n,
  senderNonce,
  balance: { n: 5n, d: 7n },
  initialPricePerUnit: 3n,
  initialPixelsPerUnit: 1n,
  type: 'live',
  sequenceNumber: 0n,
  authId: '',
});
const signed = (value: SignerState, sig = value.senderNonce) => ({
  state: encodeState(value),
  sig: new Uint8Array(65).fill(sig),
});

test('a state is known with its own bytes and its own signature only', () => {
  const issued = new IssuedStates();
  issued.add(signed(state('a')), state('a'));
  expect(issued.find(signed(state('a')))).toEqual(decodeState(encodeState(state('a'))));
  expect(issued.find(signed(state('b')))).toBeUndefined(); // another state under the same signature
  expect(issued.find(signed(state('a'), 2))).toBeUndefined(); // the state under another signature
});

test('of a session the newest is known; of sessions the newest too', () => {
  const issued = new IssuedStates(2);
  for (const value of [state('a', 1), state('a', 2), state('b', 3)]) issued.add(signed(value), value);
  expect(issued.find(signed(state('a', 1)))).toBeUndefined();
  expect(issued.find(signed(state('a', 2)))).toEqual(state('a', 2));
  issued.add(signed(state('c', 4)), state('c', 4));
  expect(issued.find(signed(state('a', 2)))).toBeUndefined();
  for (const id of ['m', 'n', 'o']) issued.addSegment(id, new Uint8Array(65));
  expect(issued.segment('m')).toBeUndefined();
  expect(issued.segment('o')).toEqual(new Uint8Array(65));
});
