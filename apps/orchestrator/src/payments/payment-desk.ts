import type { AuthTokenIssuer } from '@lp/pm/recipient';
import { encodePaymentResult, type PriceInfo } from '@lp/protocol';
import { statementOf } from '../ledger/account.ts';
import { LedgerFailedError } from '../ledger/group-commit.ts';
import type { Opening } from '../ledger/ledger.ts';
import { QUANTA_PER_WEI, weiOfQuanta } from '../ledger/quanta.ts';
import type { SessionMeters } from '../metering/session-meters.ts';
import type { CloseReason, InspectedPayment, Meter, PaymentDesk } from './desk.ts';
import { inspectHeaders } from './inspection.ts';
import { type IntakeDeps, takeTickets } from './intake.ts';
import type { QuoteBook } from './quotes.ts';
import { PaymentRefusal } from './refusal.ts';
import { payerAddress, refreshTarget } from './requests.ts';
import type { TermsMaker } from './terms.ts';

/** The parts of an on-chain desk. */
export interface DeskParts extends IntakeDeps {
  readonly tokens: AuthTokenIssuer;
  readonly quotes: QuoteBook;
  readonly terms: TermsMaker;
  readonly meters: SessionMeters;
  readonly paymentIntervalMs: number;
  readonly serviceUrl: () => string;
  readonly newManifestId: () => string;
  readonly close: () => Promise<void>;
}

const MAX_TICKETS_LISTED = 9_999;

/** The desk over its parts. */
export function assembleDesk(parts: DeskParts): PaymentDesk {
  const { terms, ledger, store, meters } = parts;

  const desk: PaymentDesk = {
    onchain: true,
    paymentIntervalMs: parts.paymentIntervalMs,

    async challenge({ payer, offered, paymentUrl }) {
      const sender = payerAddress(payer);
      const manifestId = parts.newManifestId();
      const token = terms.token(manifestId);
      const info = await terms.info({ address: sender, signed: false }, offered.price, token);
      parts.quotes.record(manifestId, offered, token.expiration);
      return {
        status: 402,
        contentType: 'application/json',
        body: terms.challenge(info, manifestId, paymentUrl(manifestId)),
      };
    },

    async refresh(body) {
      const { sender, manifestId } = refreshTarget(body);
      const price = ledger.priceOf({ sender, manifestId });
      if (price === undefined) {
        throw new PaymentRefusal('unknown-session', 409, 'fixed price not found for session', {
          form: 'json',
        });
      }
      try {
        // Nobody signed this, but only who knows a manifest that this sender paid for gets here.
        const info = await terms.info({ address: sender, signed: true }, price, terms.token(manifestId));
        const url = `${parts.serviceUrl().replace(/\/+$/, '')}/payment`;
        return {
          status: 200,
          contentType: 'application/json',
          body: terms.challenge(info, manifestId, url),
        };
      } catch (error) {
        if (!(error instanceof PaymentRefusal)) throw error;
        throw new PaymentRefusal(error.code, error.status, error.text, { form: 'json', cause: error });
      }
    },

    inspect(headers, purpose) {
      const inspected = inspectHeaders(headers, purpose, parts);
      // Before any ticket is taken: what a session that has ended is paid buys nothing.
      if (purpose.kind === 'reservation' && !ledger.mayOpen(inspected)) throw manifestClosed();
      return inspected;
    },

    accept: (inspected) => takeTickets(inspected, parts),

    async refreshedInfo(inspected) {
      const { sender, manifestId, payment, segment } = inspected;
      const price = ledger.priceOf({ sender, manifestId }) ?? usable(payment.expectedPrice);
      if (price === undefined || segment.authToken === undefined) {
        throw new PaymentRefusal('price-mismatch', 400, 'missing expected price in payment');
      }
      return terms.info({ address: sender, signed: true }, price, segment.authToken);
    },

    async pay(headers, purpose) {
      const inspected = desk.inspect(headers, purpose);
      const info = await desk.refreshedInfo(inspected);
      await desk.accept(inspected);
      return {
        status: 200,
        contentType: 'application/octet-stream',
        body: encodePaymentResult({ info }),
      };
    },

    async openMeter({ inspected, offered, onRelease }) {
      const { sender, manifestId } = inspected;
      const price = usable(inspected.payment.expectedPrice) ?? offered.price;
      const opening = await openAccount(parts, inspected, price, offered.unit);
      if (!opening.ok) throw openingRefusal(opening, manifestId);
      if (opening.account.state === 'closed') return chargedOnce(manifestId, opening);
      return meters.start({
        sender,
        manifestId,
        unit: offered.unit,
        onRelease,
      });
    },

    statement: (manifestId) => ledger.statement(manifestId),
    tickets: (options) => store.list(Math.min(options?.limit ?? 100, MAX_TICKETS_LISTED)),

    health() {
      const problems: string[] = [];
      try {
        parts.view.heads.current();
      } catch (error) {
        problems.push(error instanceof Error ? error.message : String(error));
      }
      if (parts.group.failure !== undefined) problems.push(parts.group.failure.message);
      return {
        ok: problems.length === 0,
        problems,
        chainAgeMs: parts.view.heads.ageMs(),
        openMeters: meters.count,
        queuedTickets: store.waitingCount(),
      };
    },

    close: parts.close,
  };
  return desk;
}

const ledgerRefusal = (cause: unknown): PaymentRefusal =>
  new PaymentRefusal('ledger-failed', 500, 'Internal Server Error', { cause });

async function openAccount(
  { group, ledger }: DeskParts,
  { sender, manifestId }: InspectedPayment,
  price: PriceInfo,
  unit: Parameters<DeskParts['ledger']['open']>[1]['unit'],
): Promise<Opening> {
  try {
    return await group.run(() => ledger.open({ sender, manifestId }, { price, unit }));
  } catch (cause) {
    if (!(cause instanceof LedgerFailedError)) throw cause;
    throw ledgerRefusal(cause);
  }
}

const manifestClosed = (): PaymentRefusal =>
  new PaymentRefusal('manifest-closed', 409, 'session already exists');

function openingRefusal(opening: Exclude<Opening, { ok: true }>, manifestId: string): PaymentRefusal {
  if (opening.reason === 'not-new') {
    return manifestClosed();
  }
  const fee = (opening.fee + QUANTA_PER_WEI - 1n) / QUANTA_PER_WEI;
  const text = `insufficient balance, mid=${manifestId}, fee=${fee}, balance=${weiOfQuanta(opening.balance)}`;
  return new PaymentRefusal('insufficient-balance', 400, text);
}

/** A meter that has nothing left to do. */
const chargedOnce = (manifestId: string, opening: Extract<Opening, { ok: true }>): Meter => ({
  manifestId,
  open: false,
  stop: (_reason: CloseReason) => Promise.resolve(statementOf(opening.account)),
});

const usable = (price: PriceInfo | undefined): PriceInfo | undefined =>
  price !== undefined && price.pixelsPerUnit > 0n && price.pricePerUnit >= 0n ? price : undefined;
