import type { Hex } from '../types.ts';
import { ChainError } from './chain-error.ts';
import type { Contracts } from './contracts.ts';

/** Ten times the pool of today: a longer walk means that the answers are wrong. */
const MAX_POOL = 1_000;

/** One orchestrator of the ranking pool; an empty URI when none is set. */
export interface PoolEntry {
  readonly address: Hex;
  readonly serviceUri: string;
}

/**
 * Reads the ranking pool, highest stake first (chain.md section 9). The pool is a linked list, so the first reading
 * asks once per entry; later ones ask for the successors of all entries seen before at once and only follow up on
 * those that are new.
 */
export function poolReader(contracts: Contracts): (signal?: AbortSignal) => Promise<readonly PoolEntry[]> {
  let seen: readonly Hex[] = [];

  const address = async (method: string, args: readonly unknown[], signal?: AbortSignal): Promise<Hex> => {
    const [found] = await contracts.view('BondingManager', method, args, signal);
    return String(found).toLowerCase() as Hex; // the ABI says address
  };

  return async (signal) => {
    const [first, ...successors] = await Promise.all([
      address('getFirstTranscoderInPool', [], signal),
      ...seen.map((entry) => address('getNextTranscoderInPool', [entry], signal)),
    ]);
    const next = new Map(seen.map((entry, index) => [entry, successors[index]]));
    const pool = new Set<Hex>();
    let entry = first;
    while (BigInt(entry) !== 0n) {
      if (pool.has(entry) || pool.size >= MAX_POOL) {
        throw new ChainError('bad-answer', 'the orchestrator pool has no end; it changed, or the node errs');
      }
      pool.add(entry);
      entry = next.get(entry) ?? (await address('getNextTranscoderInPool', [entry], signal));
    }
    seen = [...pool];
    return Promise.all(
      seen.map(async (member) => {
        const [uri] = await contracts.view('ServiceRegistry', 'getServiceURI', [member], signal);
        return { address: member, serviceUri: String(uri) };
      }),
    );
  };
}
