import type { Hex, Ticket } from '@lp/pm';

/** A published test key. */
export const SAMPLE_KEY: Hex = `0x${'11'.repeat(32)}`;

/** A ticket as they travel on Arbitrum: 12 million gwei face value, a small win probability, a real round. */
export const SAMPLE_TICKET: Ticket = {
  recipient: '0xe2a55e52686320428849be2499d84dafccfaeb70',
  sender: '0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a',
  faceValue: 12_000_000_000_000_000n,
  winProb: 77194726158210796949047323339125271902179989777093709359638392000000000n,
  senderNonce: 1,
  recipientRandHash: '0x101b58ce3312303e76c3959bbe55d10d2bda8a0f3f0810aebb3fe235b57e8381',
  creationRound: 3400n,
  creationRoundBlockHash: '0x06495993ad06c3a26efff34dcb281d198c7f3d04d0168ad8127f85f543cb070f',
};
