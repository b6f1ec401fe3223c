import { bytesToHex, loadCrypto } from '@lp/pm';
import type { Chain } from '@lp/pm/chain';
import {
  authTokenIssuer,
  DEFAULT_TICKET_POLICY,
  memoryNonces,
  recipientRandSource,
  type TicketPolicy,
} from '@lp/pm/recipient';
import type { Hex } from '@lp/protocol';
import type { Clock, Random } from '@lp/runtime';
import { openDatabase } from '../ledger/database.ts';
import { groupCommit } from '../ledger/group-commit.ts';
import { openLedger } from '../ledger/ledger.ts';
import { sessionMeters } from '../metering/session-meters.ts';
import { redeemer } from '../redemption/redeemer.ts';
import { ticketStore } from '../redemption/ticket-store.ts';
import { type ChainTimes, chainView, DEFAULT_CHAIN_TIMES } from './chain-view.ts';
import type { PaymentDesk } from './desk.ts';
import type { DeskListener } from './events.ts';
import { assembleDesk } from './payment-desk.ts';
import { quoteBook } from './quotes.ts';
import { termsMaker } from './terms.ts';
import { upkeep } from './upkeep.ts';

/** What a payment desk is made of. */
export interface DeskOptions {
  readonly chain: Chain;
  /** Whom tickets pay. */
  readonly recipient: Hex;
  /** Address of the node, `OrchestratorInfo.address`. Default: the recipient. */
  readonly address?: Hex;
  /** Public base URL; asked at each challenge, because a listener on port 0 knows it late. */
  readonly serviceUrl: () => string;
  /** Path of the SQLite file, or `:memory:`. */
  readonly databaseFile: string;
  /** Default: upstream's figures on Arbitrum. */
  readonly policy?: Partial<TicketPolicy>;
  /** Least gas price to reckon with, wei per gas. Default 0. */
  readonly minGasPriceWei?: bigint;
  /** Milliseconds between debits. Default 5,000. */
  readonly debitIntervalMs?: number;
  readonly times?: Partial<ChainTimes>;
  readonly clock: Clock;
  readonly random: Random;
  readonly onEvent?: DeskListener;
}

/**
 * Opens the money side: the database, the view of the chain, the meters, and the redemption of winning tickets. Accounts
 * left open by an earlier run are closed (`orchestrator-restarted`). Reads the chain once before it resolves; when that
 * fails the desk opens all the same, and challenges are refused with 503 until the chain was reached.
 *
 * @throws DatabaseVersionError, SqliteError.
 */
export async function openPaymentDesk(options: DeskOptions): Promise<PaymentDesk> {
  const { chain, clock, random } = options;
  const recipient = lower(options.recipient);
  const policy = { ...DEFAULT_TICKET_POLICY, ...options.policy };
  const times = { ...DEFAULT_CHAIN_TIMES, ...options.times };
  const paymentIntervalMs = options.debitIntervalMs ?? 5_000;
  const onEvent = options.onEvent ?? (() => {});
  await loadCrypto();

  const database = openDatabase(options.databaseFile);
  const group = groupCommit(database, clock, (cause) => onEvent({ type: 'ledger-failed', cause }));
  const ledger = openLedger(database, clock);
  const store = ticketStore(database);
  await group.run(() => ledger.closeAll('orchestrator-restarted'));

  const stopping = new AbortController();
  const { signal } = stopping;
  const view = chainView({ chain, recipient, clock, times, signal, onEvent });
  // Secrets of this process: params and tokens of an earlier run are void (payments.md sections 2.4 and 3.3).
  const rand = recipientRandSource(random.bytes(32));
  const tokens = authTokenIssuer(random.bytes(32));
  const nonces = memoryNonces();
  const meters = sessionMeters({
    ledger,
    group,
    clock,
    intervalMs: paymentIntervalMs,
    onClosed: (manifestId, reason) => onEvent({ type: 'session-closed', manifestId, reason }),
  });
  const terms = termsMaker({
    view,
    policy,
    recipient,
    address: lower(options.address ?? recipient),
    serviceUrl: options.serviceUrl,
    minGasPriceWei: options.minGasPriceWei ?? 0n,
    paymentIntervalMs,
    tokens,
    rand,
    pendingOf: (sender) => store.pendingOf(sender),
    random,
    clock,
  });
  // The watch goes on trying and says so when it takes too long.
  await view.heads.refresh().catch(() => {});
  const redemption = redeemer({ chain, view, store, group, policy, clock, onEvent });
  const loops = [
    view.heads.run(signal),
    redemption.run(signal),
    upkeep({ ledger, group, nonces, heads: view.heads, clock, signal }),
  ];

  return assembleDesk({
    view,
    recipient,
    rand,
    tokens,
    nonces,
    quotes: quoteBook(),
    terms,
    ledger,
    store,
    group,
    meters,
    clock,
    onEvent,
    paymentIntervalMs,
    serviceUrl: options.serviceUrl,
    newManifestId: () => bytesToHex(random.bytes(16)).slice(2),
    close: async () => {
      await meters.stopAll('orchestrator-restarted');
      stopping.abort();
      await Promise.all(loops);
      group.close();
      database.close();
    },
  });
}

/** Hex keeps its type in lower case. */
const lower = (address: Hex): Hex => address.toLowerCase() as Hex;
