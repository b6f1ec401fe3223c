import { AddressError, parseAddress } from '@lp/discovery';
import type { Chain } from '@lp/pm/chain';
import { parseJson } from '@lp/protocol';
import type { Transport } from '@lp/runtime';

/** Where the orchestrators come from: the first that is given (remote-signer.md section 4). */
export interface CandidateConfig {
  /** A URL that answers `[{"address": url}]`. */
  readonly orchestratorListUrl: string | undefined;
  readonly orchestrators: readonly string[];
  /** Addresses on the chain, URLs, or hosts. */
  readonly orchestratorBlocklist: readonly string[];
}

/** The operator's list cannot be used; what was known stays. */
export class CandidateListError extends Error {
  override readonly name = 'CandidateListError';
  readonly code = 'orchestrator-list';
}

const LIST_TIMEOUT_MS = 10_000;
const MAX_CANDIDATES = 1000;

/** Service URLs of the orchestrators that may be listed, asked anew at each call. */
export function candidates(
  config: CandidateConfig,
  ports: { readonly chain: Chain; readonly services: Transport },
): (signal: AbortSignal) => Promise<readonly string[]> {
  const isBlocked = blocklist(config.orchestratorBlocklist);
  const { orchestratorListUrl, orchestrators } = config;
  return async (signal) => {
    const urls =
      orchestratorListUrl !== undefined
        ? await fetchList(orchestratorListUrl, ports.services, signal)
        : orchestrators.length > 0
          ? orchestrators
          : await registered(ports.chain, isBlocked, signal);
    return urls.filter((url) => !isBlocked(url)).slice(0, MAX_CANDIDATES);
  };
}

/** Whether an orchestrator, by service URL or address on the chain, is one that the operator does not want. */
export function blocklist(entries: readonly string[]): (orchestrator: string) => boolean {
  const blocked = new Set(entries.map(comparable));
  return (orchestrator) => blocked.has(comparable(orchestrator)) || blocked.has(hostOf(orchestrator));
}

async function registered(
  chain: Chain,
  isBlocked: (address: string) => boolean,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const pool = await chain.orchestrators({ signal });
  return pool.filter(({ address }) => !isBlocked(address)).map(({ serviceUri }) => serviceUri);
}

async function fetchList(url: string, transport: Transport, signal: AbortSignal): Promise<readonly string[]> {
  const response = await transport.request({ method: 'GET', url, timeoutMs: LIST_TIMEOUT_MS, signal });
  if (response.status !== 200)
    throw new CandidateListError(`the list of orchestrators answered ${response.status}`);
  let list: unknown;
  try {
    list = parseJson(response.body);
  } catch (cause) {
    throw new CandidateListError('the list of orchestrators is not JSON', { cause });
  }
  if (!Array.isArray(list)) throw new CandidateListError('the list of orchestrators is no array');
  return list.flatMap((entry: unknown) => {
    const { address } = (entry ?? {}) as { address?: unknown };
    return typeof address === 'string' && address.trim() !== '' ? [address.trim()] : [];
  });
}

/** Hex addresses without prefix, URLs without trailing slash; lower case both. */
function comparable(text: string): string {
  const [, digits] = /^(?:0x)?([0-9a-f]{40})$/i.exec(text.trim()) ?? [];
  return digits?.toLowerCase() ?? text.trim().toLowerCase().replace(/\/+$/, '');
}

function hostOf(url: string): string {
  try {
    return parseAddress(url).host;
  } catch (error) {
    if (error instanceof AddressError) return '';
    throw error;
  }
}
