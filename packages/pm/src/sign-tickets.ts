import { bytesToHex } from './hex.ts';
import { loadCrypto } from './load-crypto.ts';
import { ticketHasher } from './ticket-hash.ts';
import type { Hex, MessageSigner, Ticket } from './types.ts';

/** A signer did not answer with one 65-byte signature for each message. Nothing of its answer may be used. */
export class SignerAnswerError extends Error {
  override readonly name = 'SignerAnswerError';
  readonly code = 'bad-signer-answer';
}

/**
 * Signature of the ticket's hash by `signer`. The ticket is valid only when `signer.address` is its sender.
 *
 * @throws TicketError; SignerAnswerError; what the signer throws.
 */
export async function signTicket(
  ticket: Ticket,
  signer: MessageSigner,
  options?: { readonly signal?: AbortSignal },
): Promise<Hex> {
  const [signature] = await signTickets(ticket, [ticket.senderNonce], signer, options);
  if (signature === undefined) throw new SignerAnswerError('the signer returned no signature');
  return bytesToHex(signature);
}

/**
 * Signatures of tickets that differ in the nonce only, in the order of `nonces`; the nonce of the template is not
 * used. The template is packed once and the signer sees one batch.
 *
 * @throws TicketError; SignerAnswerError; the signal's reason; what the signer throws.
 */
export async function signTickets(
  template: Ticket,
  nonces: readonly number[],
  signer: MessageSigner,
  options?: { readonly signal?: AbortSignal },
): Promise<Uint8Array[]> {
  await loadCrypto();
  options?.signal?.throwIfAborted();
  const messages = nonces.map(ticketHasher(template));
  const signatures = await signer.signMessages(messages, options);
  if (signatures.length !== nonces.length || signatures.some((signature) => signature.length !== 65)) {
    throw new SignerAnswerError(`the signer must return ${nonces.length} signatures of 65 bytes`);
  }
  return signatures;
}
