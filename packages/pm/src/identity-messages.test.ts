import { keccak256 as ethersKeccak, getAddress, toUtf8Bytes } from 'ethers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import derived from '../../../test/vectors/pm-derived.json' with { type: 'json' };
import { hex } from '../test/vector-tickets.ts';
import { checksumAddress, publicAddress } from './address.ts';
import { bytesToHex, HexError, hexToBytes } from './hex.ts';
import { EMPTY_HASH, loginMessage, segmentMessage, segmentPreimage } from './identity-messages.ts';
import { hashMessage } from './message.ts';
import { privateKeySigner } from './private-key-signer.ts';
import { verifyMessage } from './signature.ts';

const signer = privateKeySigner(hex(derived.keys.senderPrivateKey));
const sign = async (message: Uint8Array) => bytesToHex((await signer.signMessages([message]))[0]!);

describe('loginMessage', () => {
  it('signs the checksummed address twice hashed', async () => {
    const vector = derived.orchestratorRequestSig;
    expect(checksumAddress(signer.address)).toBe(vector.signedString);
    const message = loginMessage(signer.address);
    expect(bytesToHex(message)).toBe(vector.keccakOfString);
    expect(bytesToHex(hashMessage(message))).toBe(vector.eip191Digest);
    expect(await sign(message)).toBe(vector.signature);
    expect(verifyMessage(signer.address, message, hex(vector.signature))).toBe(true);
  });
});

describe('segmentMessage', () => {
  it('covers a live payment', async () => {
    const vector = derived.segmentHeader;
    expect(EMPTY_HASH).toBe(vector.hashOfEmptyBody);
    expect(bytesToHex(segmentPreimage(vector.manifestId))).toBe(vector.preimage);
    const message = segmentMessage(vector.manifestId);
    expect(bytesToHex(message)).toBe(vector.keccak);
    expect(bytesToHex(hashMessage(message))).toBe(vector.eip191Digest);
    expect(await sign(message)).toBe(vector.signature);
  });

  it('covers sequence, body hash and profiles', () => {
    const vector = derived.segmentPreimageWithProfiles;
    const content = {
      sequence: BigInt(vector.seq),
      hash: hex(vector.hash),
      profileNames: vector.profileNames,
    };
    expect(bytesToHex(segmentPreimage(vector.manifestId, content))).toBe(vector.preimage);
    expect(bytesToHex(segmentMessage(vector.manifestId, content))).toBe(vector.keccak);
  });
});

describe('the signer state', () => {
  it('is signed as it is, with its real length', async () => {
    const vector = derived.remoteSignerStateSig;
    const state = new TextEncoder().encode(vector.stateUtf8);
    expect(bytesToHex(hashMessage(state))).toBe(vector.eip191Digest);
    expect(await sign(state)).toBe(vector.signature);
    expect(verifyMessage(signer.address, state, hex(vector.signature))).toBe(true);
  });
});

describe('addresses', () => {
  it('have the checksum of EIP-55', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), (bytes) => {
        const address = bytesToHex(bytes);
        expect(checksumAddress(address)).toBe(getAddress(address));
        expect(bytesToHex(loginMessage(address))).toBe(ethersKeccak(toUtf8Bytes(getAddress(address))));
      }),
    );
    expect(() => checksumAddress('0x00')).toThrow(HexError);
  });

  it('come from uncompressed public keys only', () => {
    const key = hexToBytes(
      '0x044f355bdcb7cc0af728ef3cceb9615d90684bb5b2ca5f859ab0f0b704075871aa385b6b1b8ead809ca67454d9683fcf2ba03456d6fe2c4abe2b07f0fbdbb2f1c1',
    );
    expect(publicAddress(key)).toBe(signer.address);
    expect(publicAddress(key.subarray(1))).toBe(signer.address);
    expect(() => publicAddress(key.subarray(0, 33))).toThrow(RangeError);
  });
});
