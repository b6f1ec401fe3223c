import { originUrl } from '@lp/discovery';
import type { Price } from '@lp/pricing';
import {
  decodeWith,
  JsonDecimal,
  parseJson,
  signerPaymentResponse,
  signOrchestratorInfoResponse,
  stringifyJson,
  WireError,
} from '@lp/protocol';
import { type HttpResponse, type Transport, TransportError } from '@lp/runtime';
import type { Terms } from '../funding/terms.ts';
import { answerText } from '../http-text.ts';
import type { SignerAnswer, SignerStateBlob } from './answer.ts';
import { readPayment } from './read-payment.ts';

/** Where the signer is and how to authenticate there. The headers go to it alone. */
export interface SignerOptions {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What `type` says on the wire; empty leaves the units to the client (remote-signer.md section 1.3). */
export type PaymentType = '' | 'live' | 'lv2v' | 'fixed';

/** One call of `generate-live-payment`. */
export interface PaymentRequest {
  readonly type: PaymentType;
  readonly terms: Terms;
  readonly manifestId: string;
  readonly app: string;
  readonly state: SignerStateBlob | undefined;
  /** Only with type `''`. */
  readonly units: bigint | undefined;
  /** Never sent with type `''`, where a signer refuses it. */
  readonly maxPrice: Price | undefined;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** The two calls of a remote signer. */
export interface SignerClient {
  readonly origin: string;
  /** Address as the signer writes it, for `Livepeer-Payer-Address`. A value or the reason why not. */
  address(options: { timeoutMs: number; signal?: AbortSignal }): Promise<{ address: string } | SignerAnswer>;
  /** Never throws except with the caller's abort reason. */
  pay(request: PaymentRequest): Promise<SignerAnswer>;
}

const MAX_ANSWER_BYTES = 1024 * 1024;

/** A client of any signer that speaks remote-signer.md, over `transport`. @throws AddressError */
export function signerClient(options: SignerOptions, transport: Transport): SignerClient {
  const origin = originUrl(options.url, '');
  const post = async (
    path: string,
    body: string,
    { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal },
  ): Promise<HttpResponse | SignerAnswer> => {
    try {
      return await transport.request({
        method: 'POST',
        url: `${origin}${path}`,
        headers: { accept: 'application/json', 'content-type': 'application/json', ...options.headers },
        body,
        timeoutMs,
        maxBodyBytes: MAX_ANSWER_BYTES,
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof TransportError) return { kind: 'failed', message: cause.message, cause };
      throw cause;
    }
  };
  return {
    origin,
    async address(limits) {
      const response = await post('/sign-orchestrator-info', '{}', limits);
      if ('kind' in response) return response;
      if (response.status !== 200) return refusal(response);
      return readable(() => {
        const { address } = decodeWith(signOrchestratorInfoResponse, parseJson(response.body));
        if (!/^(0x)?[0-9a-fA-F]{40}$/.test(address)) {
          throw new WireError('invalid-field', 'the signer gave no Ethereum address');
        }
        return { address };
      });
    },
    async pay(request) {
      const response = await post('/generate-live-payment', requestBody(request), request);
      if ('kind' in response) return response;
      if (response.status !== 200) return refusal(response);
      return readable<SignerAnswer>(() => {
        const answer = decodeWith(signerPaymentResponse, parseJson(response.body));
        const minted = readPayment(
          { payment: answer.payment, segment: answer.segCreds ?? '' },
          request.terms,
        );
        return minted === undefined
          ? { kind: 'nothing-due' }
          : { kind: 'payment', minted, state: answer.state };
      });
    },
  };
}

function requestBody(request: PaymentRequest): string {
  const { type, terms, manifestId, app, state, units, maxPrice } = request;
  return stringifyJson({
    orchestrator: terms.paymentParams,
    type,
    ManifestID: manifestId,
    app,
    ...(state === undefined ? {} : { state }),
    ...(type === '' ? { inPixels: units } : {}),
    ...(type !== '' && maxPrice !== undefined
      ? { maxPrice: { price: decimalAbove(maxPrice), currency: 'wei', unit: maxPrice.unit } }
      : {}),
  });
}

const DECIMALS = 18n;

/** The ceiling as a decimal, **rounded up**: the client itself has compared the exact prices. */
function decimalAbove({ wei, per }: Price): JsonDecimal | bigint {
  if (per === 1n) return wei;
  const scaled = (wei * 10n ** DECIMALS + per - 1n) / per;
  const digits = scaled.toString().padStart(Number(DECIMALS) + 1, '0');
  return new JsonDecimal(`${digits.slice(0, -Number(DECIMALS))}.${digits.slice(-Number(DECIMALS))}`);
}

/** The statuses of remote-signer.md section 1.5, by what can be done about them (funding.md rule 5). */
function refusal(response: HttpResponse): SignerAnswer {
  const { status } = response;
  const { message: text, code } = answerText(response);
  const message = text === '' ? `answered ${status}` : text;
  switch (status) {
    case 480: {
      const orchestratorUrl = response.headers['livepeer-orchestrator-url'];
      return { kind: 'refresh', ...(orchestratorUrl === undefined ? {} : { orchestratorUrl }) };
    }
    case 481:
      return { kind: 'price', message };
    case 482:
      return { kind: 'nothing-due' };
    case 483:
      return { kind: 'budget', message };
    case 401:
    case 403:
      return { kind: 'forbidden', status, message };
    case 408:
    case 429:
      return { kind: 'failed', status, message };
    default:
      if (status >= 400 && status < 500) {
        return { kind: 'refused', status, message, ...(code === undefined ? {} : { code }) };
      }
      return { kind: 'failed', status, message };
  }
}

function readable<T>(read: () => T): T | SignerAnswer {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause;
    // Asking again gives the same: what cannot be read is a refusal, and it is never sent on.
    return { kind: 'refused', status: 200, message: `unusable answer of the signer: ${cause.message}` };
  }
}
