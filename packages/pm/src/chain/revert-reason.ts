import { AbiCoder, dataSlice } from 'ethers';

/** Why a contract refused a call, as one word per decision (chain.md sections 2 and 4). */
export type RevertCode =
  | 'system-paused'
  | 'round-not-initialized'
  | 'recipient-null'
  | 'sender-null'
  | 'aux-data-length'
  | 'no-round-hash'
  | 'wrong-round-hash'
  | 'ticket-expired'
  | 'wrong-recipient-rand'
  | 'ticket-used'
  | 'bad-signature'
  | 'wrong-signer'
  | 'not-winning'
  | 'sender-unlocked'
  | 'sender-empty'
  | 'recipient-not-registered'
  | 'unlock-already'
  | 'no-unlock'
  | 'still-locked'
  /** An arithmetic panic: the reserve share of chain.md section 5 can underflow. */
  | 'panic'
  /** A text that is not listed here, or none. */
  | 'other';

/** A refusal of a contract. */
export interface Revert {
  readonly code: RevertCode;
  /** The contract's own text; empty when it gave none. */
  readonly text: string;
}

const CODES: Readonly<Record<string, RevertCode>> = {
  'system is paused': 'system-paused',
  'current round is not initialized': 'round-not-initialized',
  'ticket recipient is null address': 'recipient-null',
  'ticket sender is null address': 'sender-null',
  'invalid length for ticket auxData: must be 64 bytes': 'aux-data-length',
  'ticket creationRound does not have a block hash': 'no-round-hash',
  'ticket creationRoundBlockHash invalid for creationRound': 'wrong-round-hash',
  'ticket is expired': 'ticket-expired',
  'recipientRand does not match recipientRandHash': 'wrong-recipient-rand',
  'ticket is used': 'ticket-used',
  INVALID_SIGNATURE_LENGTH: 'bad-signature',
  "ECDSA: invalid signature 's' value": 'bad-signature',
  "ECDSA: invalid signature 'v' value": 'bad-signature',
  'ECDSA: invalid signature': 'bad-signature',
  'ECDSA: invalid signature length': 'bad-signature',
  'invalid signature over ticket hash': 'wrong-signer',
  'ticket did not win': 'not-winning',
  'sender is unlocked': 'sender-unlocked',
  'sender deposit and reserve are zero': 'sender-empty',
  'transcoder must be registered': 'recipient-not-registered',
  'unlock already initiated': 'unlock-already',
  'no unlock request in progress': 'no-unlock',
  'account is locked': 'still-locked',
};

const ERROR_STRING = '0x08c379a0';
const PANIC = '0x4e487b71';

/** The refusal in the data of a failed call: `Error(string)`, `Panic(uint256)`, or anything else. */
export function readRevert(data: string | null | undefined): Revert {
  const selector = data?.slice(0, 10);
  try {
    if (data && selector === ERROR_STRING) {
      const text = String(AbiCoder.defaultAbiCoder().decode(['string'], dataSlice(data, 4))[0]);
      return { code: Object.hasOwn(CODES, text) ? (CODES[text] ?? 'other') : 'other', text };
    }
    if (data && selector === PANIC) {
      const number = BigInt(dataSlice(data, 4));
      return { code: 'panic', text: `panic 0x${number.toString(16)}` };
    }
  } catch {
    // Data that only starts like a reason is no reason.
  }
  return { code: 'other', text: '' };
}
