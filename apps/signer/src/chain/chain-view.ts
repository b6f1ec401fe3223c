import type { Hex } from '@lp/pm';
import type { Chain } from '@lp/pm/chain';
import type { SenderChainView } from '@lp/pm/sender';
import { type Clock, deadline } from '@lp/runtime';

/** The chain was not read recently enough to stake money on what it said. Callers may try again. */
export class ChainUnavailableError extends Error {
  override readonly name = 'ChainUnavailableError';
  readonly code = 'chain-unavailable';
}

/** How a chain view reads. Times in milliseconds. */
export interface ChainViewOptions {
  readonly chain: Chain;
  readonly sender: Hex;
  readonly clock: Clock;
  /** Ends the polling. */
  readonly signal: AbortSignal;
  readonly pollMs: number;
  /** Age from which `current` refuses. */
  readonly maxAgeMs: number;
  /** Told when reading begins to fail, with the error, and when it works again. */
  readonly onChange?: (state: 'failing' | 'working', error?: unknown) => void;
}

/** Deposit, reserve, round and L1 block of the sender, as last read. */
export interface ChainView {
  /** @throws ChainUnavailableError before the first read, and when the last one is too old. */
  current(): SenderChainView;
  /** What was last read, however long ago: to be shown, not to be staked on. */
  last(): SenderChainView | undefined;
  /** Milliseconds since the last read; `undefined` before the first. */
  ageMs(): number | undefined;
  /** Settles after the first read, whatever its outcome. */
  readonly firstRead: Promise<void>;
  /** Settles when polling ended, which only the signal does. */
  readonly ended: Promise<void>;
}

const READ_TIMEOUT_MS = 10_000;

/** Reads the chain at once and then every `pollMs`, and keeps the last answer. A failed read changes nothing. */
export function watchChain(options: ChainViewOptions): ChainView {
  const { clock, signal, maxAgeMs } = options;
  let last: { readonly view: SenderChainView; readonly atNs: bigint } | undefined;
  const ageMs = () =>
    last === undefined ? undefined : Number((clock.monotonicNs() - last.atNs) / 1_000_000n);
  let failing = false;

  const read = async (): Promise<void> => {
    const atNs = clock.monotonicNs(); // before the answer: an answer is as old as its question
    try {
      last = { view: await readChain(options), atNs };
      if (failing) options.onChange?.('working');
      failing = false;
    } catch (error) {
      if (signal.aborted) return;
      if (!failing) options.onChange?.('failing', error);
      failing = true;
    }
  };
  const firstRead = read();
  const poll = async (): Promise<void> => {
    await firstRead;
    while (!signal.aborted) {
      try {
        await clock.sleep(options.pollMs, signal);
      } catch {
        return; // the signal: nothing else rejects a sleep
      }
      await read();
    }
  };
  return {
    firstRead,
    ended: poll(),
    ageMs,
    last: () => last?.view,
    current() {
      const age = ageMs();
      if (last === undefined || age === undefined) {
        throw new ChainUnavailableError('the chain has not been read yet; try again');
      }
      if (age > maxAgeMs) throw new ChainUnavailableError(`the chain was last read ${age} ms ago; try again`);
      return last.view;
    },
  };
}

async function readChain({ chain, sender, clock, signal }: ChainViewOptions): Promise<SenderChainView> {
  using limit = deadline(READ_TIMEOUT_MS, signal, clock);
  const [head, senderInfo] = await Promise.all([
    chain.head({ signal: limit.signal }),
    chain.senderInfo(sender, { signal: limit.signal }),
  ]);
  const { l1Block, lastInitializedRound, roundBlockHash } = head;
  return { l1Block, lastInitializedRound, roundBlockHash, senderInfo };
}
