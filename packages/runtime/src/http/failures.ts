import type { Deadline } from '../deadline.ts';
import { TransportError } from '../transport.ts';
import type { Target } from './target.ts';

/** The caller's signal aborted, or the deadline ran out. `sent` is false when the peer certainly saw nothing. */
export const interrupted = (target: Target, limit: Deadline, sent: boolean): TransportError => {
  const cause: unknown = limit.signal.reason;
  return limit.expired
    ? new TransportError('timeout', `${target.url.origin} gave no answer in time`, {
        url: target.shown,
        sent,
        cause,
      })
    : new TransportError('aborted', `request to ${target.url.origin} was aborted`, {
        url: target.shown,
        sent,
        cause,
      });
};

/** A body grew beyond the caller's limit. */
export const bodyTooLarge = (target: Target, limit: number): TransportError =>
  new TransportError('body-too-large', `answer of ${target.url.origin} is larger than ${limit} bytes`, {
    url: target.shown,
    sent: true,
  });

/** The connection ended before the whole answer. */
export const connectionLost = (target: Target, cause: unknown): TransportError =>
  new TransportError('connection-lost', `connection to ${target.url.origin} ended before a whole answer`, {
    url: target.shown,
    sent: true,
    cause,
  });

/** A new error for each caller, so that its stack and fields stay its own. */
export const bodyAborted = (target: Target, cause: unknown): TransportError =>
  new TransportError('aborted', `answer of ${target.url.origin} was aborted`, {
    url: target.shown,
    sent: true,
    cause,
  });
