import {
  isWinningTicket,
  MAX_WIN_PROB,
  privateKeySigner,
  signTicket,
  type Ticket,
  ticketEv,
  verifyTicketSignature,
} from '@lp/pm';

// A published test key; a real one comes from a keystore and stays in the signer.
const signer = privateKeySigner(`0x${'11'.repeat(32)}`);

const ticket: Ticket = {
  recipient: '0x73aed7b5deb30222fa896f399d46cc99c7bee57f',
  sender: signer.address,
  faceValue: 655_370_000_000_000n, // wei
  winProb: MAX_WIN_PROB / 65_537n, // one in 65,537
  senderNonce: 1,
  recipientRandHash: '0x4edf4cbbe80b80a2158cb785a234ac2a2f1ab3503d22deee79bbd7581f48fd1f',
  creationRound: 3400n,
  creationRoundBlockHash: '0x7624778dedc75f8b322b9fa1632a610d40b85e106c7d9bf0e743a9ce291b9c6f',
};

const signature = await signTicket(ticket, signer);
const recipientRand = 0x4600e0222ecc48e64c0f5b9735e4b23a930565692ae0d28e8ff59436017d76e3n;

export const received = {
  valid: verifyTicketSignature(ticket, signature),
  wins: isWinningTicket(ticket, signature, recipientRand), // draw < winProb, strictly
  ev: ticketEv(ticket.faceValue, ticket.winProb), // exactly 1e10 wei
};
