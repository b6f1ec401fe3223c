import { bytesToHex, decodeUint256, encodeUint256, fitBytes, hexToBytes } from './byte-fields.ts';
import type { NetExpirationParams, NetTicketParams } from './net-messages.ts';
import type { TicketExpirationParams, TicketParams } from './types.ts';

/** Domain value of `net.TicketParams` (payments.md section 1). */
export function readTicketParams(message: NetTicketParams): TicketParams {
  const { expirationParams } = message;
  return {
    recipient: bytesToHex(fitBytes(message.recipient, 20)),
    faceValue: decodeUint256(message.faceValue, 'ticket_params.face_value'),
    winProb: decodeUint256(message.winProb, 'ticket_params.win_prob'),
    recipientRandHash: bytesToHex(fitBytes(message.recipientRandHash, 32)),
    seed: decodeUint256(message.seed, 'ticket_params.seed'),
    expirationBlock: decodeUint256(message.expirationBlock, 'ticket_params.expiration_block'),
    ...(expirationParams && { expirationParams: readExpirationParams(expirationParams) }),
  };
}

/** Message of a domain value; numbers become minimal big-endian bytes. */
export function writeTicketParams(params: TicketParams): NetTicketParams {
  return {
    recipient: hexToBytes(params.recipient, 20, 'ticket_params.recipient'),
    faceValue: encodeUint256(params.faceValue, 'ticket_params.face_value'),
    winProb: encodeUint256(params.winProb, 'ticket_params.win_prob'),
    recipientRandHash: hexToBytes(params.recipientRandHash, 32, 'ticket_params.recipient_rand_hash'),
    seed: encodeUint256(params.seed, 'ticket_params.seed'),
    expirationBlock: encodeUint256(params.expirationBlock, 'ticket_params.expiration_block'),
    expirationParams: params.expirationParams && writeExpirationParams(params.expirationParams),
  };
}

/** Domain value of `net.TicketExpirationParams`. */
export function readExpirationParams(message: NetExpirationParams): TicketExpirationParams {
  return {
    creationRound: message.creationRound,
    creationRoundBlockHash: bytesToHex(fitBytes(message.creationRoundBlockHash, 32)),
  };
}

/** Message of a domain value. */
export function writeExpirationParams(params: TicketExpirationParams): NetExpirationParams {
  return {
    creationRound: params.creationRound,
    creationRoundBlockHash: hexToBytes(
      params.creationRoundBlockHash,
      32,
      'expiration_params.creation_round_block_hash',
    ),
  };
}
