/** What the orchestrator's admin listener says of one session. Amounts in wei. */
export interface SessionLedger {
  /** Debited, rounded down. */
  readonly meteredWei: bigint;
  /** Credited from tickets, rounded down. */
  readonly creditedWei: bigint;
  readonly tickets: number;
  readonly winners: readonly { readonly status: string; readonly note?: string }[];
}

/** Most winners of one session that are looked at. */
const LIMIT = 9_999;

/**
 * Reads `/ledger/{session}` and `/tickets` of an `lp-orchestrator`.
 *
 * @throws `Error` when it does not answer as it should; the signal's reason
 */
export async function readLedger(
  adminUrl: string,
  sessionId: string,
  signal: AbortSignal,
): Promise<SessionLedger> {
  const [statement, list] = await Promise.all([
    get(new URL(`/ledger/${encodeURIComponent(sessionId)}`, adminUrl), signal),
    get(new URL(`/tickets?limit=${LIMIT}`, adminUrl), signal),
  ]);
  // Our own orchestrator's answers; BigInt and Number throw on anything else than their text.
  const account = statement as { meteredWei: string; creditedWei: string; tickets: number };
  const { tickets } = list as { tickets: { manifestId: string; status: string; note?: string }[] };
  return {
    meteredWei: BigInt(account.meteredWei),
    creditedWei: BigInt(account.creditedWei),
    tickets: Number(account.tickets),
    winners: tickets.filter(({ manifestId }) => manifestId === sessionId),
  };
}

async function get(url: URL, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(url, { signal });
  if (!response.ok) throw new Error(`GET ${url.pathname}: ${response.status} ${await response.text()}`);
  return response.json();
}
