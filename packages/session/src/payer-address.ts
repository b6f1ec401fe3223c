import type { Clock } from '@lp/runtime';
import { SignerError } from './errors.ts';
import { signerErrorOf } from './reserve/opening-payment.ts';
import type { Payer, SignerClient } from './signer/client.ts';

const SIGNER_TRIES = 3;
const SIGNER_RETRY_MS = 300;

/** Asks the signer for the address that it pays from, and what it offers. @throws SignerError, or the signal's reason */
export async function payerAddress(
  client: SignerClient,
  context: { readonly clock: Clock; readonly signal: AbortSignal; readonly signerTimeoutMs: number },
): Promise<Payer> {
  for (let attempt = 1; ; attempt++) {
    const answer = await client.payer({ timeoutMs: context.signerTimeoutMs, signal: context.signal });
    if ('address' in answer) return answer;
    if (answer.kind === 'failed' && attempt < SIGNER_TRIES) {
      await context.clock.sleep(SIGNER_RETRY_MS * attempt, context.signal);
      continue;
    }
    if (answer.kind === 'failed' || answer.kind === 'forbidden' || answer.kind === 'budget') {
      throw signerErrorOf(answer);
    }
    const message = 'message' in answer ? answer.message : `it answered ${answer.kind}`;
    throw new SignerError('signer-refused', `the signer gave no address: ${message}; is this the right URL?`);
  }
}
