import type { UsageKey, UsageSums } from './rows.ts';

/** The sum of two usage rows. */
export function addSums(a: UsageSums, b: UsageSums): UsageSums {
  return {
    answers: a.answers + b.answers,
    openings: a.openings + b.openings,
    tickets: a.tickets + b.tickets,
    units: a.units + b.units,
    evWei: a.evWei + b.evWei,
    feeWei: a.feeWei + b.feeWei,
  };
}

/** A usage key as one text: no part holds the separator. */
export function usageKeyText(key: UsageKey): string {
  const { hourMs, identity, app, orchestrator, recipient, model, unit } = key;
  return `${hourMs}\0${orchestrator}\0${recipient}\0${unit}\0${identity}\0${app.length}\0${app}\0${model}`;
}
