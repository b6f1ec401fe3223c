import type { Charge } from './rows.ts';

/** A charge as text for the ledger. */
export function writeCharge({ usage, sums, counters, prepaid }: Charge): string {
  const { hourMs, identity, app, orchestrator, recipient, model, unit } = usage;
  return JSON.stringify([
    [hourMs, identity, app, orchestrator, recipient, model, unit],
    [sums.answers, sums.openings, sums.tickets, sums.units, sums.evWei, sums.feeWei].map(String),
    counters.map(({ key, windowMs }) => [key, windowMs]),
    prepaid,
  ]);
}

/** Reads what `writeCharge` wrote. */
export function readCharge(text: string): Charge {
  // written by this program only
  const [usage, sums, counters, prepaid] = JSON.parse(text) as [
    [number, string, string, string, string, string, string],
    string[],
    [string, number][],
    boolean,
  ];
  const [hourMs, identity, app, orchestrator, recipient, model, unit] = usage;
  const amount = (index: number): bigint => BigInt(sums[index] ?? 0);
  return {
    usage: { hourMs, identity, app, orchestrator, recipient, model, unit },
    sums: {
      answers: amount(0),
      openings: amount(1),
      tickets: amount(2),
      units: amount(3),
      evWei: amount(4),
      feeWei: amount(5),
    },
    counters: counters.map(([key, windowMs]) => ({ key, windowMs })),
    prepaid,
  };
}
