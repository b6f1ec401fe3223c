import { readAuthToken, writeAuthToken } from './auth-token.ts';
import { fitBytes } from './byte-fields.ts';
import { readCapabilities, writeCapabilities } from './capabilities.ts';
import { segData } from './net-messages.ts';
import { readMessage, writeMessage } from './protobuf.ts';
import type { SegData } from './types.ts';
import { WireError } from './wire-error.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const utf8Bytes = new TextEncoder();

/**
 * Reads a `net.SegData` message (payments.md section 3.2). The manifest id must be UTF-8, because the signature
 * covers its bytes; the hash is cropped or left-padded to 32 bytes.
 *
 * @throws WireError `too-large`, `malformed-protobuf`, `invalid-field`
 */
export function decodeSegData(bytes: Uint8Array): SegData {
  const message = readMessage(segData, bytes);
  const { capabilities, authToken } = message;
  return {
    manifestId: readManifestId(message.manifestId),
    seq: message.seq,
    hash: fitBytes(message.hash, 32),
    profiles: message.profiles,
    sig: message.sig,
    durationMs: message.duration,
    ...(capabilities && { capabilities: readCapabilities(capabilities) }),
    ...(authToken && { authToken: readAuthToken(authToken) }),
  };
}

/**
 * Writes a `net.SegData` message.
 *
 * @throws WireError `invalid-field`, `too-large`
 */
export function encodeSegData(data: SegData): Uint8Array {
  const { capabilities, authToken } = data;
  return writeMessage(segData, {
    manifestId: utf8Bytes.encode(data.manifestId),
    seq: data.seq,
    hash: data.hash,
    profiles: data.profiles,
    sig: data.sig,
    duration: data.durationMs,
    capabilities: capabilities && writeCapabilities(capabilities),
    authToken: authToken && writeAuthToken(authToken),
  });
}

function readManifestId(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new WireError('invalid-field', 'manifestId is not UTF-8', { path: 'manifestId', cause });
  }
}
