import type { RunnerOffer } from '@lp/discovery';
import type { MoneyState, Refusal } from '../errors.ts';

/** This runner does not take the session; the next candidate may. Caught by `reserveAny`, never seen by callers. */
export class RunnerRefused extends Error {
  override readonly name = 'RunnerRefused';
  readonly details: Omit<Refusal, 'runner' | 'elapsedMs' | 'message'>;

  constructor(
    stage: Refusal['stage'],
    code: Refusal['code'],
    message: string,
    extra: { status?: number; money?: MoneyState; cause?: unknown } = {},
  ) {
    super(message, extra.cause === undefined ? undefined : { cause: extra.cause });
    this.details = {
      stage,
      code,
      money: extra.money ?? 'none',
      ...(extra.status === undefined ? {} : { status: extra.status }),
    };
  }

  /** For the list that the caller gets. */
  of(runner: RunnerOffer, elapsedMs: number): Refusal {
    return { ...this.details, runner, message: this.message, elapsedMs };
  }
}
