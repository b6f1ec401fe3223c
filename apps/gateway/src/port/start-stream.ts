import { parseJson, stringifyJson } from '@lp/protocol';
import type { Clock } from '@lp/runtime';
import { HttpError } from '@lp/service';
import type { Session } from '@lp/session';

/** A runner that still loads its model says 503: it is asked again after this time, in milliseconds. */
const COLD_RETRY_MS = 1000;
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * `POST <app>/stream` through a paid session; gives the parsed answer. Asks again while the app says 503, until
 * `signal` aborts. Throws 502 `app-refused`, `app-unreachable` or `bad-stream-answer`, or the signal's reason.
 */
export async function startStream(
  session: Session,
  params: unknown,
  clock: Clock,
  signal: AbortSignal,
): Promise<unknown> {
  const body = stringifyJson(params);
  const headers = { accept: 'application/json', 'content-type': 'application/json' };
  for (;;) {
    const answer = await session.app
      .request('stream', { method: 'POST', headers, body, maxBodyBytes: MAX_ANSWER_BYTES, signal })
      .catch((cause: unknown) => {
        signal.throwIfAborted();
        throw new HttpError(502, 'app-unreachable', 'the app of the session does not answer /stream', {
          cause,
        });
      });
    if (answer.status === 503) {
      await clock.sleep(COLD_RETRY_MS, signal);
      continue;
    }
    const text = new TextDecoder().decode(answer.body);
    if (answer.status < 200 || answer.status > 299) {
      throw new HttpError(502, 'app-refused', `the app answered /stream with ${answer.status}`, {
        fields: { appStatus: answer.status, appMessage: text.slice(0, 200) },
      });
    }
    try {
      return parseJson(text);
    } catch (cause) {
      throw new HttpError(502, 'bad-stream-answer', 'the app did not answer /stream with JSON', { cause });
    }
  }
}
