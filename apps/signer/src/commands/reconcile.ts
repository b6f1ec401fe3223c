import type { Hex } from '@lp/pm';
import { winningTransfers } from '@lp/pm/chain';
import { systemClock } from '@lp/runtime';
import { defineOptions, loadConfig, toggle } from '@lp/service';
import { openStore } from '../ledger/open-ledger.ts';
import { options } from '../options.ts';
import { type ReconciledDay, reconcile } from '../usage/reconcile.ts';
import { type Output, terminal } from './output.ts';
import { hour } from './period.ts';

const { ledger, dataDir, postgresUrl, rpcUrl, controller } = options.rows;

const reconcileOptions = defineOptions({
  name: 'lp-signer reconcile',
  prefix: options.prefix,
  describe:
    'Compares the expected value of tickets signed with what the TicketBroker paid out for them, per recipient and day (UTC). Chance makes them differ; the more redemptions, the less.',
  rows: {
    from: hour('First day.'),
    to: hour('Day after the last.'),
    json: toggle({ describe: 'JSON instead of a table.' }),
    rpcUrl,
    controller,
    ledger,
    dataDir,
    postgresUrl,
  },
});

/** `lp-signer reconcile`. */
export async function reconcileCommand(argv: readonly string[], { out }: Output = terminal): Promise<number> {
  const loaded = loadConfig(reconcileOptions, { argv });
  if (loaded.kind === 'print') {
    out(loaded.text);
    return 0;
  }
  const { config } = loaded;
  const store = await openStore(config, undefined, systemClock);
  try {
    const period = { fromMs: config.from, toMs: config.to };
    const sender = store.sender as Hex; // an address: a signer wrote it
    const [usage, transfers] = await Promise.all([
      store.usage(period.fromMs, period.toMs),
      winningTransfers({ ...config, ...period, sender }),
    ]);
    const days = reconcile(usage, transfers);
    out(config.json ? json(days) : table(days));
  } finally {
    await store.close();
  }
  return 0;
}

function json(days: readonly ReconciledDay[]): string {
  const text = (_key: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value);
  return `${JSON.stringify(days, text)}\n`;
}

function table(days: readonly ReconciledDay[]): string {
  const rows = days.map((day) =>
    [day.recipient, day.day, day.tickets, day.issuedWei, day.redemptions, day.paidWei, day.runningWei].map(
      String,
    ),
  );
  const head = [
    'recipient',
    'day',
    'tickets',
    'issued wei',
    'redemptions',
    'paid wei',
    'paid - issued so far',
  ];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `${cells.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  ')}\n`;
  return [head, ...rows].map(line).join('');
}
