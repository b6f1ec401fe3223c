import { HttpError } from '@lp/service';
import type { Conflict } from '../ledger/claim.ts';

const REFUSALS: Record<Conflict, readonly [status: number, message: string]> = {
  'stale-state': [409, 'this state was answered already: go on with the newest one'],
  'opening-used': [
    409,
    'a session was opened with these ticket params: go on with its state, or get fresh params',
  ],
  'answer-expired': [409, 'the answer to this request is no longer given again: open a new session'],
  'manifest-changed': [400, 'ManifestID is not the one of this session'],
  'foreign-state': [403, 'this state belongs to another caller'],
  'state-too-old': [400, 'this state was not used for a day: open a new session'],
};

/** A refusal by the ledger as the caller sees it (remote-signer.md H3, H4, H7, H9). */
export function ledgerRefusal(conflict: Conflict): HttpError {
  const [status, message] = REFUSALS[conflict];
  return new HttpError(status, conflict, message);
}
