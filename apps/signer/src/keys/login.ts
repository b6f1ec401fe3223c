import { type Hex, loginMessage, type MessageSigner, SignerAnswerError } from '@lp/pm';

/** Proves to an orchestrator who asks; the same for ever for a key (remote-signer.md section 1.2). */
export interface Login {
  readonly address: Hex;
  /** 65 bytes. */
  readonly signature: Uint8Array;
}

/**
 * Signs the sender's address.
 *
 * @throws SignerAnswerError; what the message signer throws.
 */
export async function signLogin(signer: MessageSigner): Promise<Login> {
  const [signature] = await signer.signMessages([loginMessage(signer.address)]);
  if (signature === undefined) throw new SignerAnswerError('the message signer returned no signature');
  return { address: signer.address, signature };
}
