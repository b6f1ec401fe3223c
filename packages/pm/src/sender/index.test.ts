import { expect, test } from 'vitest';
import * as sender from './index.ts';

test('exports what is meant to be public', () => {
  expect(Object.keys(sender).toSorted()).toEqual([
    'DEFAULT_SENDER_LIMITS',
    'MAX_LEAD_MS',
    'MAX_TICKETS',
    'PAYMENT_RULES',
    'REFRESH_NONCE',
    'SignerRefusal',
    'TicketParamsError',
    'answerPayment',
    'balanceAfter',
    'ceilingPrice',
    'checkCeilings',
    'checkSenderFunds',
    'checkSession',
    'checkTicketParams',
    'creditReport',
    'decodeState',
    'encodeAnswer',
    'encodeState',
    'formatTimestamp',
    'isPaymentType',
    'openPayment',
    'parseMaxPrice',
    'parseTimestamp',
    'planPayment',
    'readOffer',
    'signPayment',
    'signState',
    'ticketsNeeded',
    'verifyState',
  ]);
});
