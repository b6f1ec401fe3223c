import { AbiCoder, concat } from 'ethers';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readRevert } from './revert-reason.ts';

const reason = (text: string): string =>
  concat(['0x08c379a0', AbiCoder.defaultAbiCoder().encode(['string'], [text])]);

it.each([
  ['ticket is used', 'ticket-used'],
  ['system is paused', 'system-paused'],
  ['INVALID_SIGNATURE_LENGTH', 'bad-signature'],
  ["ECDSA: invalid signature 's' value", 'bad-signature'],
  ["ECDSA: invalid signature 'v' value", 'bad-signature'],
  ['ECDSA: invalid signature', 'bad-signature'],
  ['something new', 'other'],
  ['constructor', 'other'],
])('reads %s', (text, code) => {
  expect(readRevert(reason(text))).toEqual({ code, text });
});

it('reads a panic', () => {
  const data = concat(['0x4e487b71', AbiCoder.defaultAbiCoder().encode(['uint256'], [0x11])]);
  expect(readRevert(data)).toEqual({ code: 'panic', text: 'panic 0x11' });
});

it('takes anything else as no reason', () => {
  for (const data of [undefined, null, '', '0x', '0x08c379a0', '0x08c379a0ff', '0x4e487b71', 'nonsense'])
    expect(readRevert(data)).toEqual({ code: 'other', text: '' });
  fc.assert(
    fc.property(fc.constantFrom('0x', '0x08c379a0', '0x4e487b71'), fc.string(), (start, rest) => {
      expect(readRevert(start + rest)).toHaveProperty('code');
    }),
  );
});
