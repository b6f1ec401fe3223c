import { stringifyJson } from '@lp/protocol';
import { type Transport, TransportError } from '@lp/runtime';
import { readWebhookAnswer, type WebhookAnswer } from './webhook-answer.ts';
import { WebhookError } from './webhook-errors.ts';

/** Where the webhook is. */
export interface WebhookOptions {
  readonly url: string;
  /** Sent with every question, lower-case names; may be credentials. */
  readonly headers: Readonly<Record<string, string>>;
  readonly transport: Transport;
}

/** Someone else's decision about a call. */
export interface Webhook {
  /**
   * @param headers of the caller's request, by canonical name.
   * @param state the session's state as go-livepeer writes it, in JSON.
   * @throws WebhookError; WebhookMaxPriceError.
   */
  ask(
    headers: Readonly<Record<string, readonly string[]>>,
    state: Uint8Array,
    signal?: AbortSignal,
  ): Promise<WebhookAnswer>;
}

/** As go-livepeer waits. */
const TIMEOUT_MS = 5000;
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * `-remoteSignerWebhookUrl` of go-livepeer (remote-signer.md section 5.1). Redirects are not followed: the question
 * carries the caller's credentials. Anything but a 200 with a usable status fails closed.
 */
export function createWebhook({ url, headers, transport }: WebhookOptions): Webhook {
  return {
    async ask(callerHeaders, state, signal) {
      const body = `{"headers":${stringifyJson(callerHeaders)},"state":${new TextDecoder().decode(state)}}`;
      const response = await transport
        .request({
          method: 'POST',
          url,
          headers: { 'content-type': 'application/json', ...headers },
          body,
          timeoutMs: TIMEOUT_MS,
          maxBodyBytes: MAX_ANSWER_BYTES,
          ...(signal !== undefined && { signal }),
        })
        .catch((cause: unknown) => {
          // the code only: the error carries the URL, and that may carry a secret
          throw new WebhookError(cause instanceof TransportError ? cause.code : 'no answer');
        });
      if (response.status !== 200) throw new WebhookError(`it answered ${response.status}`);
      return readWebhookAnswer(response.body);
    },
  };
}
