import { expect, it } from 'vitest';
import { checkTicketSettings, TicketSettingsError } from './ticket-settings.ts';

it.each([
  [1n, 0n],
  [1n, 2n],
  [8_000_000_000n, 8_000_000_001n],
])('takes an EV of %d and a limit of %d', (ticketEv, maxFaceValue) => {
  expect(() => checkTicketSettings({ ticketEv, maxFaceValue })).not.toThrow();
});

it.each([
  [0n, 0n],
  [1n, 1n],
  [8_000_000_000n, 7_999_999_999n],
])('refuses an EV of %d with a limit of %d, which no sender would pay', (ticketEv, maxFaceValue) => {
  expect(() => checkTicketSettings({ ticketEv, maxFaceValue })).toThrow(TicketSettingsError);
});
