import { originUrl } from '@lp/discovery';
import type { Price } from '@lp/pricing';
import {
  decodeWith,
  type FundingReport,
  JsonDecimal,
  parseJson,
  signerPaymentResponse,
  signOrchestratorInfoResponse,
  stringifyJson,
  WireError,
} from '@lp/protocol';
import { type HttpResponse, type Transport, TransportError } from '@lp/runtime';
import type { LeadAsk } from '../funding/lead.ts';
import type { Terms } from '../funding/terms.ts';
import { answerText } from '../http-text.ts';
import type { SignerAnswer, SignerCredit, SignerStateBlob } from './answer.ts';
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
  /** A lead and exact time, of a signer that offers them. Never with type `''`. */
  readonly lead: Pick<LeadAsk, 'leadMs' | 'atMostNs'> | undefined;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Who pays. */
export interface Payer {
  /** As the signer writes it, for `Livepeer-Payer-Address`. */
  readonly address: string;
  /** The signer keeps a lead and bills exact time when asked. */
  readonly offersLead: boolean;
}

/** The two calls of a remote signer. */
export interface SignerClient {
  readonly origin: string;
  /** Who pays, and whether the signer keeps a lead. A value or the reason why not. */
  payer(options: { timeoutMs: number; signal?: AbortSignal }): Promise<Payer | SignerAnswer>;
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
    async payer(limits) {
      const response = await post('/sign-orchestrator-info', '{}', limits);
      if ('kind' in response) return response;
      if (response.status !== 200) return refusal(response);
      return readable(() => {
        const { address, lpFunding } = decodeWith(signOrchestratorInfoResponse, parseJson(response.body));
        if (!/^(0x)?[0-9a-fA-F]{40}$/.test(address)) {
          throw new WireError('invalid-field', 'the signer gave no Ethereum address');
        }
        return { address, offersLead: lpFunding !== undefined };
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
        const credit = creditOf(answer.lpFunding);
        return minted === undefined
          ? { kind: 'nothing-due', ...credit }
          : { kind: 'payment', minted, state: answer.state, ...credit };
      });
    },
  };
}

function requestBody(request: PaymentRequest): string {
  const { type, terms, manifestId, app, state, units, maxPrice, lead } = request;
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
    ...(type === '' || lead === undefined
      ? {}
      : {
          lpFunding: {
            leadMs: lead.leadMs,
            exact: true,
            ...(lead.atMostNs === undefined ? {} : { atMostNs: lead.atMostNs }),
          },
        }),
  });
}

const NS_PER_MS = 1_000_000n;

/** The signer's account of the session, where it tells one in time. */
function creditOf(report: FundingReport | undefined): { readonly credit?: SignerCredit } {
  if (report?.creditMs === undefined) return {};
  return { credit: { creditNs: report.creditMs * NS_PER_MS, more: report.nextInMs === 0n } };
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
  const { message: text, code, funding } = answerText(response);
  const message = text === '' ? `answered ${status}` : text;
  switch (status) {
    case 480: {
      const orchestratorUrl = response.headers['livepeer-orchestrator-url'];
      return { kind: 'refresh', ...(orchestratorUrl === undefined ? {} : { orchestratorUrl }) };
    }
    case 481:
      return { kind: 'price', message };
    case 482:
      return { kind: 'nothing-due', ...creditOf(funding) };
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
