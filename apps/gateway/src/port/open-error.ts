import { HttpError } from '@lp/service';
import {
  PriceError,
  ReservationError,
  NoRunnerError as SessionNoRunnerError,
  type Refusal as SessionRefusal,
  SignerError,
  SpendLimitError,
} from '@lp/session';
import { NoRunnerError, type Refusal } from './session-port.ts';

/** What `openSession` threw, in the gateway's words; anything unknown stays as it is. */
export function openError(error: unknown): unknown {
  if (error instanceof SessionNoRunnerError) {
    const unheard = error.failures.map(({ url, code, message }) => ({ orchestrator: url, code, message }));
    return new NoRunnerError('no runner takes this session', [...refusalsOf(error.refusals), ...unheard], {
      cause: error,
    });
  }
  if (error instanceof PriceError) {
    return new NoRunnerError('every runner that fits costs too much', refusalsOf(error.refusals), {
      code: 'price-refused',
      cause: error,
    });
  }
  if (error instanceof ReservationError) {
    return new NoRunnerError('a runner was paid and gave no session', refusalsOf(error.refusals), {
      code: 'reservation-failed',
      lostWei: error.lostWei,
      cause: error,
    });
  }
  if (error instanceof SpendLimitError) {
    return new HttpError(409, error.code, error.message, {
      hint: 'raise maxSpendWei, or the limit of the gateway',
      fields: { neededWei: `${error.neededWei}`, maxSpendWei: `${error.maxSpendWei}` },
      cause: error,
    });
  }
  if (error instanceof SignerError) {
    return new HttpError(error.code === 'signer-unreachable' ? 503 : 502, error.code, error.message, {
      hint: 'the signer pays for all sessions: look there first',
      cause: error,
    });
  }
  return error;
}

function refusalsOf(refusals: readonly SessionRefusal[]): Refusal[] {
  return refusals.map(({ runner, code, message }) => ({
    orchestrator: runner.orchestrator,
    runner: runner.url,
    code,
    message,
  }));
}
