import { HttpError } from '@lp/service';

/** The webhook gave no decision: callers get a masked 500 and nothing is signed. Look at the webhook. */
export class WebhookError extends HttpError {
  constructor(reason: string, options: { cause?: unknown } = {}) {
    super(500, 'webhook-failed', `the authorisation webhook failed: ${reason}`, options);
  }
}

/** The webhook's `maxPrice` cannot be read (remote-signer.md section 2, step 22). */
export class WebhookMaxPriceError extends HttpError {
  constructor(reason: string, options: { cause?: unknown } = {}) {
    super(502, 'webhook-max-price', `signer auth invalid maxPrice: ${reason}`, options);
  }
}

/** The webhook refuses the caller, with its own status and text. */
export class WebhookRefusal extends HttpError {
  constructor(status: number, reason: string) {
    const text = reason === '' ? `signer auth rejected request with status ${status}` : reason;
    super(status, 'webhook-refused', text.slice(0, MAX_REASON));
  }
}

const MAX_REASON = 4096;
