import { type Hex, parseJson } from '@lp/protocol';
import { PaymentRefusal } from './refusal.ts';

const MAX_REFRESH_BYTES = 4_096;
const ADDRESS = /^(?:0x)?([0-9a-f]{40})$/i;

/**
 * The payer of a challenge, from `Livepeer-Payer-Address`: 40 hex digits, `0x` optional (live-runner.md section 8.1).
 *
 * @throws PaymentRefusal 402, JSON.
 */
export function payerAddress(text: string | undefined): Hex {
  const digits = ADDRESS.exec((text ?? '').trim())?.[1];
  if (digits === undefined) {
    const message = 'invalid live runner payment signer address';
    throw new PaymentRefusal('invalid-payer', 402, message, { form: 'json' });
  }
  return `0x${digits.toLowerCase()}`;
}

/**
 * Whose params a `/refresh-payment` body asks for (live-runner.md section 8.4).
 *
 * @throws PaymentRefusal 400, JSON.
 */
export function refreshTarget(body: string | Uint8Array): { sender: Hex; manifestId: string } {
  const fields = jsonFields(body);
  const digits = typeof fields.sender === 'string' ? ADDRESS.exec(fields.sender)?.[1] : undefined;
  if (digits === undefined) throw invalid('invalid sender');
  if (typeof fields.manifest_id !== 'string' || fields.manifest_id === '')
    throw invalid('missing manifest_id');
  return { sender: `0x${digits.toLowerCase()}`, manifestId: fields.manifest_id };
}

function jsonFields(body: string | Uint8Array): { sender?: unknown; manifest_id?: unknown } {
  try {
    const parsed = parseJson(body, { maxBytes: MAX_REFRESH_BYTES });
    if (typeof parsed === 'object' && parsed !== null) return parsed;
  } catch (cause) {
    throw invalid('invalid refresh request', cause);
  }
  throw invalid('invalid refresh request');
}

const invalid = (text: string, cause?: unknown): PaymentRefusal =>
  new PaymentRefusal('invalid-request', 400, text, { form: 'json', cause });
