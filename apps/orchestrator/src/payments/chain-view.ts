import type { Chain, ChainHead, OrchestratorRegistration, SenderInfo } from '@lp/pm/chain';
import type { Hex } from '@lp/protocol';
import type { Clock } from '@lp/runtime';
import { type AgedValue, agedValue } from './aged-value.ts';
import type { DeskListener } from './events.ts';
import { type HeadWatch, headWatch } from './head-watch.ts';
import { tokenBucket } from './token-bucket.ts';

/** A sender's money, and what this recipient already took of its reserve in this round (wei). */
export interface SenderFunds {
  readonly info: SenderInfo;
  readonly claimed: bigint;
}

/** How often the chain is read and how long a reading serves; milliseconds. */
export interface ChainTimes {
  /** Between readings of the head. Default 5,000. */
  readonly pollMs: number;
  /** A head older than this is not decided on: challenges and payments get a 503. Default 120,000. */
  readonly maxAgeMs: number;
  /** Sender info and registration are read again when older than this. Default 15,000. */
  readonly freshMs: number;
  /** Deadline of one reading. Default 10,000. */
  readonly timeoutMs: number;
}

/** Times that suit Arbitrum. */
export const DEFAULT_CHAIN_TIMES: ChainTimes = {
  pollMs: 5_000,
  maxAgeMs: 120_000,
  freshMs: 15_000,
  timeoutMs: 10_000,
};

/** Too many unknown addresses were asked about within a short time; nothing is wrong with this one. */
export class ChainBusyError extends Error {
  override readonly name = 'ChainBusyError';
  readonly code = 'chain-busy';
}

/** What payments know of the chain: everything cached, everything with an age. */
export interface ChainView {
  readonly heads: HeadWatch;
  /** @throws what the chain throws, when nothing young enough is known. */
  sender(address: Hex): Promise<SenderFunds>;
  /**
   * The same for an address that anybody may have written into a request: readings for such are bounded in number.
   *
   * @throws ChainBusyError; what the chain throws.
   */
  stranger(address: Hex): Promise<SenderFunds>;
  /** Read the sender again next time: its money has moved. */
  forget(address: Hex): void;
  registration(): Promise<OrchestratorRegistration>;
  validityRounds(): Promise<bigint>;
}

/** Most senders whose money is remembered; the longest unused is dropped. */
const MAX_SENDERS = 10_000;

/** Readings for strangers: with these, they cannot push out a reading that is young enough to serve. */
const STRANGERS = { perSecond: 20n, burst: 200n };

/** A cached view of `chain` for one recipient. Its loops and readings end when `signal` aborts. */
export function chainView(options: {
  readonly chain: Chain;
  readonly recipient: Hex;
  readonly clock: Clock;
  readonly times: ChainTimes;
  readonly signal: AbortSignal;
  readonly onEvent: DeskListener;
}): ChainView {
  const { chain, recipient, clock, times, signal } = options;
  const heads = headWatch({ chain, clock, onEvent: options.onEvent, ...times });
  const senders = new Map<Hex, AgedValue<SenderFunds>>();
  const strangers = tokenBucket({ ...STRANGERS, clock });
  let fundsRound: bigint | undefined;

  const aged = <T>(load: (signal: AbortSignal) => Promise<T>, freshMs: number): AgedValue<T> =>
    agedValue({ load, clock, freshMs, maxAgeMs: times.maxAgeMs, timeoutMs: times.timeoutMs, signal });

  const registration = aged((limit) => chain.registration(recipient, { signal: limit }), times.freshMs);
  const validity = aged((limit) => chain.ticketValidityPeriod({ signal: limit }), times.maxAgeMs);

  /** Claims are counted per round: with a new one every cached figure is wrong (chain.md section 8). */
  const followRound = (head: ChainHead | undefined): void => {
    if (head === undefined || head.lastInitializedRound === fundsRound) return;
    fundsRound = head.lastInitializedRound;
    for (const funds of senders.values()) funds.invalidate();
    registration.invalidate();
  };

  const sender = (address: Hex): Promise<SenderFunds> => {
    followRound(heads.latest());
    const funds =
      senders.get(address) ??
      aged(async (limit) => {
        const [info, claimed] = await Promise.all([
          chain.senderInfo(address, { signal: limit }),
          chain.claimedReserve(address, recipient, { signal: limit }),
        ]);
        return { info, claimed };
      }, times.freshMs);
    senders.delete(address);
    senders.set(address, funds);
    if (senders.size > MAX_SENDERS) {
      const [oldest] = senders.keys();
      if (oldest !== undefined) senders.delete(oldest);
    }
    return funds.get();
  };

  return {
    heads,
    sender,
    async stranger(address) {
      followRound(heads.latest());
      const known = senders.get(address)?.peek();
      if (known?.fresh === true || strangers.take()) return sender(address);
      if (known !== undefined) return known.value;
      throw new ChainBusyError('too many new payers at this moment; try again in a few seconds');
    },
    forget: (address) => senders.get(address)?.invalidate(),
    registration() {
      followRound(heads.latest());
      return registration.get();
    },
    validityRounds: () => validity.get(),
  };
}
