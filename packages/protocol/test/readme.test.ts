import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { encodeBase64, encodeOrchestratorInfo, formatChallenge } from '../src/index.ts';
import { priceOf, ticketsIn } from './readme-example.ts';

it('shows an example that works', () => {
  const text = readFileSync(new URL('readme-example.ts', import.meta.url), 'utf8');
  expect(readFileSync(new URL('../README.md', import.meta.url), 'utf8')).toContain(text);
  const paymentParams = encodeBase64(
    encodeOrchestratorInfo({
      transcoder: 'https://orchestrator.example',
      address: '0x00000000000000000000000000000000000000aa',
      priceInfo: { pricePerUnit: 7n, pixelsPerUnit: 2n },
    }),
  );
  expect(priceOf(formatChallenge({ paymentParams, manifestId: 'm' }))).toBe('7/2 wei per unit');
  expect(ticketsIn(undefined)).toBe(0);
  expect(ticketsIn('~')).toBe(0);
});
