import { type Clock, type Transport, TransportError } from '@lp/runtime';

const STOP_TIMEOUT_MS = 5_000;
const RETRY_MS = 500;
const ATTEMPTS = 2;

/**
 * Ends a session at the orchestrator: `POST {control_url}/stop`, which is idempotent (live-runner.md section 2). One
 * retry; a session that cannot be stopped ends by itself when its credit is used up.
 *
 * @returns whether the orchestrator confirmed it
 */
export async function stopSession(
  controlUrl: string,
  { transport, clock }: { readonly transport: Transport; readonly clock: Clock },
): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      const { status } = await transport.request({
        method: 'POST',
        url: `${controlUrl}/stop`,
        timeoutMs: STOP_TIMEOUT_MS,
      });
      // 404: it is not there any more, which is what was wanted.
      if ((status >= 200 && status < 300) || status === 404) return true;
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
    }
    if (attempt >= ATTEMPTS) return false;
    await clock.sleep(RETRY_MS);
  }
}
