import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Random } from '@lp/runtime';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** RFC 4648 base32, lower case, no padding (live-runner.md section 3). */
export function base32(bytes: Uint8Array): string {
  let text = '';
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET.charAt((buffer >>> bits) & 31);
    }
    buffer &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + ALPHABET.charAt((buffer << (5 - bits)) & 31);
}

/** `runner_` and 80 random bits. Upstream draws 40; any string is legal. */
export const newRunnerId = (random: Random): string => `runner_${base32(random.bytes(10))}`;

/** `session_` and 128 random bits: whoever knows a session's id may use and stop it. */
export const newSessionId = (random: Random): string => `session_${base32(random.bytes(16))}`;

/** The secrets of one registration, all derived from a seed that never leaves the process (live-runner.md section 3). */
export interface RunnerSecrets {
  readonly heartbeat: string;
  /** Last part of the o2r channel's name. */
  readonly o2rSuffix: string;
  sessionToken(sessionId: string): string;
}

/** Derives a registration's secrets from its 32-byte seed. */
export function runnerSecrets(seed: Uint8Array): RunnerSecrets {
  const derive = (label: string): string => base32(createHmac('sha256', seed).update(label).digest());
  return {
    heartbeat: derive('heartbeat'),
    o2rSuffix: derive('trickle:o2r').slice(0, 16),
    sessionToken: (sessionId) => derive(`session:${sessionId}`),
  };
}

/** Compares two secrets in a time that does not depend on where they differ. */
export function sameSecret(given: string | undefined, expected: string): boolean {
  if (given === undefined) return false;
  const key = 'lp';
  const digest = (text: string): Buffer => createHmac('sha256', key).update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
