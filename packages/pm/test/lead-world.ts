import { compareRatio, type Ratio, ratio, subRatio } from '@lp/pricing';
import type { OrchestratorInfo } from '@lp/protocol';
import { expect } from 'vitest';
import { MAX_WIN_PROB } from '../src/index.ts';
import {
  authTokenIssuer,
  inspectPayment,
  makeTicketParams,
  memoryNonces,
  receiveTickets,
  recipientRandSource,
} from '../src/recipient/index.ts';
import {
  answerPayment,
  type CreditReport,
  type FundingAsk,
  type SignedState,
  SignerRefusal,
} from '../src/sender/index.ts';
import { context, keyOne, offer, request, START_NS } from './sender-fixture.ts';

export const SECOND = 1_000_000_000n;
export const MS = 1_000_000n;
export const DEBIT_SECONDS = 5n;
const tokens = authTokenIssuer(new Uint8Array(32).fill(1));
const rand = recipientRandSource(new Uint8Array(32).fill(2));
const recipient = `0x${'bb'.repeat(20)}` as const;
const { chain } = context();

/** An orchestrator with the real recipient core and upstream's meter, and a client that pays it through the signer. */
export class LeadWorld {
  nowNs = START_NS;
  credited = 0n;
  debitedSeconds = 0n;
  shortDebits = 0;
  payments = 0;
  state: SignedState | undefined;
  readonly #price: bigint;
  readonly #ticketEv: bigint;
  readonly #ask: FundingAsk;
  readonly #nonces = memoryNonces();

  constructor(price: bigint, ticketEv: bigint, ask: FundingAsk) {
    this.#price = price;
    this.#ticketEv = ticketEv;
    this.#ask = ask;
  }

  /** Calls the signer and delivers what it mints; gives what it reports either way. */
  async pay(): Promise<CreditReport> {
    const info = this.#challenge();
    const call = request(
      {
        manifestId: '9f8e7d6c',
        funding: this.#ask,
        ...(this.state === undefined ? {} : { state: this.state }),
      },
      info,
    );
    try {
      const answer = await answerPayment(call, context({ nowNs: this.nowNs }));
      this.state = answer.state;
      this.payments += 1;
      const headers = { payment: answer.payment, segment: answer.segCreds };
      const { payment } = inspectPayment(headers, { tokens, now: this.nowNs / SECOND });
      const { l1Block, lastInitializedRound, senderInfo } = chain;
      const received = receiveTickets(payment, {
        recipient,
        l1Block,
        lastInitializedRound,
        sender: senderInfo,
        rand,
        nonces: this.#nonces,
      });
      expect(received.refusal).toBeUndefined();
      this.credited += received.creditedQuanta;
      return answer.credit;
    } catch (error) {
      if (!(error instanceof SignerRefusal) || error.status !== 482) throw error;
      expect(error.credit).toBeDefined();
      return error.credit as CreditReport; // the line above
    }
  }

  /** Lets time pass at the orchestrator: whole seconds, one debit per interval. */
  pass(ns: bigint): void {
    this.nowNs += ns;
    const elapsed = (this.nowNs - START_NS) / SECOND;
    for (let due = this.debitedSeconds + DEBIT_SECONDS; due <= elapsed; due += DEBIT_SECONDS) {
      if (compareRatio(this.#balance(due), ratio(0n)) < 0) this.shortDebits += 1;
      this.debitedSeconds = due;
    }
  }

  /** Wei paid beyond what was metered. */
  ahead(): Ratio {
    return this.#balance(this.debitedSeconds);
  }

  #balance(meteredSeconds: bigint): Ratio {
    return subRatio(ratio(this.credited, MAX_WIN_PROB), ratio(meteredSeconds * this.#price));
  }

  #challenge(): OrchestratorInfo {
    const ticketParams = makeTicketParams({
      policy: { ticketEv: this.#ticketEv, redeemGas: 0n, txCostMultiplier: 100n, maxFaceValue: 0n },
      recipient,
      sender: keyOne().address,
      price: ratio(this.#price),
      head: {
        ...chain,
        previousRoundBlockHash: chain.roundBlockHash,
        currentRoundInitialized: true,
        poolSize: 1n,
        gasPrice: 0n,
      },
      gasPrice: 0n,
      maxFloat: 10n ** 18n,
      seed: new Uint8Array(32)
        .fill(1)
        .with(0, this.payments % 256)
        .with(1, this.payments >> 8),
      rand,
    });
    const authToken = tokens.issue('9f8e7d6c', this.nowNs / SECOND + 1800n);
    return offer({ ticketParams, priceInfo: { pricePerUnit: this.#price, pixelsPerUnit: 1n }, authToken });
  }
}
