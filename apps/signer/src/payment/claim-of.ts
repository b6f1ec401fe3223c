import type { LivePaymentRequest, OpenedPayment } from '@lp/pm/sender';
import type { Claim } from '../ledger/claim.ts';
import { openingKey, requestDigest } from '../ledger/request-digest.ts';

/** Which answer a call of `identity` asks for. */
export function claimOf(
  request: LivePaymentRequest,
  opened: OpenedPayment,
  { identity, nowMs }: { readonly identity: string; readonly nowMs: number },
): Claim {
  const { state, isNew, manifestId, pmSessionId } = opened;
  return {
    identity,
    stateId: state.stateId,
    sequence: state.sequenceNumber,
    opening: isNew ? openingKey(identity, opened) : undefined,
    digest: requestDigest(request, opened),
    presented: isNew ? new Uint8Array() : (request.state?.state ?? new Uint8Array()),
    // a state without a time is as old as can be
    presentedMs: isNew ? undefined : Number((state.lastUpdateNs ?? 0n) / 1_000_000n),
    manifestId: isNew && request.manifestId === '' ? '' : manifestId,
    randHash: pmSessionId,
    nowMs,
  };
}
