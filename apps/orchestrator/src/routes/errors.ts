import { WireError } from '@lp/protocol';
import { asHttpError, type ErrorReply } from '@lp/service';
import { Refusal } from '../errors.ts';
import { PaymentRefusal } from '../payments/refusal.ts';

const TEXT = 'text/plain; charset=utf-8';
const NO_SNIFF = { 'x-content-type-options': 'nosniff' };

const text = (
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): ErrorReply => ({
  status,
  body: `${message}\n`,
  contentType: TEXT,
  headers: { ...NO_SNIFF, ...headers },
});

/** Errors as upstream words them: plain text, or the JSON envelope where a payment refusal says so. */
export function toReply(error: unknown): ErrorReply {
  if (error instanceof PaymentRefusal) {
    const { body, contentType, status } = error.reply();
    return { status, body, contentType, headers: NO_SNIFF };
  }
  if (error instanceof Refusal) return text(error.status, error.message, error.headers);
  if (error instanceof WireError) return text(error.code === 'too-large' ? 413 : 400, error.message);
  const { status, message } = asHttpError(error);
  return text(status, status >= 500 ? 'Internal Server Error' : message);
}
