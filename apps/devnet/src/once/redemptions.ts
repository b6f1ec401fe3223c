import type { Devchain } from '@lp/devchain';
import { type Clock, deadline } from '@lp/runtime';
import { Interface, JsonRpcProvider, zeroPadValue } from 'ethers';
import { DEVELOPMENT } from '../development-settings.ts';
import { readLedger, type SessionLedger } from './ledger.ts';

const BROKER = new Interface([
  'event WinningTicketTransfer(address indexed sender, address indexed recipient, uint256 amount)',
]);

/** Payouts of the contract. */
export interface Payouts {
  readonly tickets: number;
  readonly wei: bigint;
}

const LIMIT_MS = 60_000;
const PAUSE_MS = 200;

/**
 * Mines past the life of the last tickets' params, then waits until the contract has paid every winner of the session
 * that the orchestrator has not given up. Only `WinningTicketTransfer` counts (chain.md section 4). When time is up,
 * what was paid until then is the answer.
 *
 * @throws the signal's reason; what the orchestrator's and the chain's calls throw
 */
export async function waitForRedemptions(options: {
  readonly chain: Devchain;
  readonly adminUrl: string;
  readonly sessionId: string;
  /** Block before the session. */
  readonly fromBlock: bigint;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}): Promise<{ payouts: Payouts; ledger: SessionLedger }> {
  const { chain, adminUrl, sessionId, fromBlock, clock, signal } = options;
  const provider = new JsonRpcProvider(chain.rpcUrl, Number(chain.chainId), { staticNetwork: true });
  try {
    await chain.mine(DEVELOPMENT.paramsBlocks + 1);
    await chain.initializeRound();
    using limit = deadline(LIMIT_MS, signal, clock);
    for (;;) {
      const [payouts, ledger] = await Promise.all([
        payoutsSince(provider, chain, fromBlock),
        readLedger(adminUrl, sessionId, signal),
      ]);
      const expected = ledger.winners.filter(({ status }) => status !== 'given-up').length;
      if (payouts.tickets >= expected || limit.signal.aborted) return { payouts, ledger };
      await clock.sleep(PAUSE_MS, signal);
    }
  } finally {
    provider.destroy();
  }
}

async function payoutsSince(provider: JsonRpcProvider, chain: Devchain, fromBlock: bigint): Promise<Payouts> {
  const { sender, orchestrators } = chain.accounts;
  const topic = BROKER.getEvent('WinningTicketTransfer')?.topicHash;
  if (topic === undefined) throw new Error('the event has no topic');
  const logs = await provider.getLogs({
    address: chain.contracts.ticketBroker,
    topics: [topic, zeroPadValue(sender.address, 32), zeroPadValue(orchestrators[0].address, 32)],
    fromBlock,
  });
  return {
    tickets: logs.length,
    wei: logs.reduce((sum, { data }) => sum + BigInt(data), 0n),
  };
}
