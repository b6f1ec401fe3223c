import type { Ratio } from '@lp/pricing';
import { z } from 'zod';
import type { Receipt } from '../port/session-port.ts';
import type { GatewaySession } from '../session/gateway-session.ts';
import { seconds } from '../session/narrator.ts';
import { amountSchema, amountView, priceSchema, priceView } from './money-view.ts';

const faultSchema = z.object({
  fault: z.enum(['output-stalled', 'connection-lost', 'payment-failed', 'not-ready']),
  cause: z.string().nullable(),
});

/** What a session cost. */
export const receiptSchema = z.object({
  id: z.string(),
  reason: z
    .string()
    .meta({ description: 'Why the session ended, such as closed-by-caller, idle or dropped.' }),
  seconds: z.string().meta({ description: 'How long it ran, as exact decimal text.' }),
  paid: amountSchema.meta({ description: 'Expected value of all acknowledged tickets.' }),
  fee: amountSchema.meta({ description: 'Price x time.' }),
  payments: z.int(),
  tickets: z.int(),
});

/** What changes from second to second; also the `status` message of events and frames. */
export const statusSchema = z.object({
  state: z.enum(['open', 'closing', 'closed']),
  runwaySeconds: z.number().nullable().meta({
    description: 'Seconds of credit left at the orchestrator, rounded down to 0.1; null when free.',
  }),
  paid: amountSchema,
  payments: z.int(),
  tickets: z.int(),
  faults: z.array(faultSchema),
  clients: z.int().meta({ description: 'Connected sockets and event streams.' }),
  frames: z.object({
    received: z.int(),
    published: z.int(),
    droppedInput: z.int(),
    returned: z.int(),
    droppedOutput: z.int(),
    latencyMsP50: z.number().nullable(),
    latencyMsP99: z.number().nullable(),
  }),
});

/** A session. */
export const sessionSchema = statusSchema.extend({
  id: z.string(),
  app: z.string(),
  openedAt: z.iso.datetime(),
  orchestrator: z.string(),
  runner: z.string(),
  price: priceSchema.nullable().meta({ description: 'Null for a free runner.' }),
  maxSpendWei: z.string().nullable(),
  channels: z
    .object({ in: z.string(), out: z.string(), events: z.string().nullable() })
    .meta({ description: 'Trickle channels. Whoever knows these URLs may use them.' }),
  links: z.object({ self: z.string(), events: z.string(), frames: z.string() }),
  receipt: receiptSchema.nullable(),
});

/** Shows what changes. */
export function statusView(
  session: GatewaySession,
  weiPerUsd: Ratio | undefined,
): z.infer<typeof statusSchema> {
  const { runwayMs, paidWei, payments, tickets } = session.parts.paid.funding();
  const { latency } = session.bridge;
  return {
    state: session.state,
    runwaySeconds: runwayMs === null ? null : seconds(runwayMs),
    paid: amountView(paidWei, weiPerUsd),
    payments,
    tickets,
    faults: session.faults.list(),
    clients: session.clients,
    frames: {
      ...session.bridge.counters(),
      latencyMsP50: latency.quantile(0.5),
      latencyMsP99: latency.quantile(0.99),
    },
  };
}

/** Shows a whole session. */
export function sessionView(
  session: GatewaySession,
  weiPerUsd: Ratio | undefined,
): z.infer<typeof sessionSchema> {
  const { id, app, paid, channels, maxSpendWei } = session.parts;
  return {
    id,
    app,
    openedAt: new Date(session.openedAtMs).toISOString(),
    orchestrator: paid.orchestrator,
    runner: paid.runner,
    price: paid.price === undefined ? null : priceView(paid.price, weiPerUsd),
    maxSpendWei: maxSpendWei === null ? null : `${maxSpendWei}`,
    channels: { in: channels.in, out: channels.out, events: channels.events ?? null },
    links: { self: `/sessions/${id}`, events: `/sessions/${id}/events`, frames: `/sessions/${id}/frames` },
    receipt: session.receipt === undefined ? null : receiptView(session, session.receipt, weiPerUsd),
    ...statusView(session, weiPerUsd),
  };
}

/** Shows a receipt. */
export function receiptView(
  session: GatewaySession,
  receipt: Receipt,
  weiPerUsd: Ratio | undefined,
): z.infer<typeof receiptSchema> {
  return {
    id: session.parts.id,
    reason: session.closeReason ?? receipt.reason,
    seconds: receipt.seconds,
    paid: amountView(receipt.paidWei, weiPerUsd),
    fee: amountView(receipt.feeWei, weiPerUsd),
    payments: receipt.payments,
    tickets: receipt.tickets,
  };
}
