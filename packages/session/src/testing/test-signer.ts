import { bytesToHex, checksumAddress, loginMessage, type MessageSigner } from '@lp/pm';
import {
  answerPayment,
  type CreditReport,
  DEFAULT_SENDER_LIMITS,
  decodeState,
  encodeState,
  MAX_LEAD_MS,
  type SenderLimits,
  type SignedState,
  SignerRefusal,
  signState,
} from '@lp/pm/sender';
import { formatRatio, type Ratio, ratio } from '@lp/pricing';
import {
  decodeWith,
  encodeBase64,
  foldKeys,
  HEADERS,
  parseJson,
  signerPaymentRequest,
  WireError,
} from '@lp/protocol';
import type { Clock, HttpRequest, Random } from '@lp/runtime';
import type { RouteReply } from '@lp/runtime/testing';
import type { TestChain } from './chain-view.ts';
import { nodeError, nodeJson } from './node-http.ts';

/** A remote signer as upstream runs it: without lead, without memory, answering in upstream's order. With `lead`, as ours. */
export interface TestSigner {
  readonly address: string;
  /** May be replaced, to come between. */
  handle: (this: void, request: HttpRequest) => Promise<RouteReply>;
  /** Every request body of `generate-live-payment`, newest last. */
  readonly requests: readonly string[];
  /** Payments answered with 200. */
  readonly minted: number;
  /** Answers the next calls with these instead, in order. */
  answerNext(...replies: readonly RouteReply[]): void;
  /** Wall clock of the signer's machine minus the simulation's, milliseconds. */
  skewMs: number;
  /** Connections are refused, as while it restarts. */
  down: boolean;
  /** Refuses `type: ""`, as an operator may. */
  typedOnly: boolean;
  /** Offers a lead and exact time, and takes a clock behind for what it is. */
  lead: boolean;
  /** Highest price it pays, wei per unit, for any unit. */
  ceiling: Ratio | undefined;
}

/** What a test signer is made of. */
export interface TestSignerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly chain: TestChain;
  readonly key: MessageSigner;
  readonly limits?: Partial<SenderLimits>;
}

/** A signer over `@lp/pm/sender`. */
export function testSigner(options: TestSignerOptions): TestSigner {
  const { clock, random, chain, key } = options;
  const limits = {
    ...DEFAULT_SENDER_LIMITS,
    maxTicketEv: 10n ** 30n,
    maxTotalEv: 10n ** 32n,
    ...options.limits,
  };
  const requests: string[] = [];
  const scripted: RouteReply[] = [];
  let minted = 0;

  const nowNs = (signer: TestSigner): bigint => BigInt(clock.wallMs() + signer.skewMs) * 1_000_000n;

  /** A last update in the future counts as a first call: the whole preload again (remote-signer.md step 14). */
  const asUpstream = async (
    signer: TestSigner,
    state: SignedState | undefined,
    now: bigint,
  ): Promise<SignedState | undefined> => {
    if (state === undefined || signer.lead) return state;
    try {
      const decoded = decodeState(state.state);
      if (decoded.lastUpdateNs === undefined || decoded.lastUpdateNs < now) return state;
      const bytes = encodeState({ ...decoded, lastUpdateNs: undefined });
      return { state: bytes, sig: await signState(bytes, key) };
    } catch {
      return state;
    }
  };

  const pay = async (signer: TestSigner, body: string): Promise<RouteReply> => {
    const request = decodeWith(signerPaymentRequest, foldKeys(signerPaymentRequest, parseJson(body)));
    const type = request.type ?? '';
    if (type === '' && signer.typedOnly) return nodeError(400, 'missing billable unit or job type');
    const now = nowNs(signer);
    const signed: SignedState | undefined =
      request.state?.State === undefined || request.state.Sig === undefined
        ? undefined
        : { state: request.state.State, sig: request.state.Sig };
    const state = await asUpstream(signer, signed, now);
    const answer = await answerPayment(
      {
        orchestrator: request.orchestrator ?? new Uint8Array(0),
        manifestId: request.ManifestID ?? '',
        app: request.app ?? '',
        inPixels: request.inPixels ?? 0n,
        type,
        capabilities: request.capabilities ?? new Uint8Array(0),
        ...(state === undefined ? {} : { state }),
        ...(signer.lead && request.lpFunding !== undefined ? { funding: request.lpFunding } : {}),
        ...(request.maxPrice === undefined
          ? {}
          : {
              maxPrice: {
                price: request.maxPrice.price ?? '',
                currency: request.maxPrice.currency ?? '',
                unit: request.maxPrice.unit ?? '',
              },
            }),
      },
      {
        signer: key,
        random,
        nowNs: now,
        chain: {
          l1Block: chain.l1Block(),
          lastInitializedRound: chain.round,
          roundBlockHash: chain.roundBlockHash,
          senderInfo: {
            deposit: chain.deposit,
            withdrawRound: chain.withdrawRound,
            reserve: { fundsRemaining: chain.reserve, claimedInCurrentRound: 0n },
          },
        },
        limits,
        ceilings:
          signer.ceiling === undefined ? [] : [{ source: 'configured maximum price', price: signer.ceiling }],
      },
    );
    minted += 1;
    return nodeJson(200, {
      payment: answer.payment,
      segCreds: answer.segCreds,
      state: { State: encodeBase64(answer.state.state), Sig: encodeBase64(answer.state.sig) },
      ...(signer.lead ? { lpFunding: told(answer.credit) } : {}),
    });
  };

  const signer: TestSigner = {
    address: checksumAddress(key.address),
    requests,
    get minted() {
      return minted;
    },
    answerNext(...replies) {
      scripted.push(...replies);
    },
    skewMs: 0,
    down: false,
    typedOnly: false,
    lead: false,
    ceiling: undefined,
    async handle(request) {
      const { pathname } = new URL(request.url);
      if (pathname === '/sign-orchestrator-info') {
        const [signature] = await key.signMessages([loginMessage(key.address)]);
        return nodeJson(200, {
          address: signer.address,
          signature: bytesToHex(signature ?? new Uint8Array(0)),
          ...(signer.lead ? { lpFunding: { maxLeadMs: MAX_LEAD_MS } } : {}),
        });
      }
      if (pathname !== '/generate-live-payment') return { status: 404, body: '404 page not found\n' };
      const body = typeof request.body === 'string' ? request.body : '';
      requests.push(body);
      const next = scripted.shift();
      if (next !== undefined) return next;
      try {
        return await pay(signer, body);
      } catch (error) {
        if (error instanceof WireError) return nodeError(400, error.message);
        if (!(error instanceof SignerRefusal)) throw error;
        const { orchestratorUrl, credit } = error;
        return nodeError(
          error.status,
          error.message,
          orchestratorUrl === undefined ? {} : { [HEADERS.orchestratorUrl]: orchestratorUrl },
          signer.lead && credit !== undefined ? { lpFunding: told(credit) } : {},
        );
      }
    },
  };
  return signer;
}

/** A credit report as the wire has it. */
const told = ({ creditWei, ...report }: CreditReport) => ({ creditWei: formatRatio(creditWei), ...report });

/** A scripted refusal of a signer. */
export const signerRefusal = (status: number, message = `scripted ${status}`): RouteReply =>
  nodeError(status, message);

/** Whole wei per unit as a ceiling. */
export const weiPerUnit = (wei: bigint): Ratio => ratio(wei);
