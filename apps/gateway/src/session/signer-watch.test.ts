import { TransportError } from '@lp/runtime';
import { routeTransport, simulatedClock } from '@lp/runtime/testing';
import { describe, expect, it } from 'vitest';
import { SignerWatch } from './signer-watch.ts';

describe('SignerWatch', () => {
  it('says within five seconds that the signer is gone, once it is needed, and when it is back', async () => {
    const clock = simulatedClock();
    let up = true;
    let needed = false;
    const said: string[] = [];
    const transport = routeTransport(
      async ({ url }) => {
        if (!up) throw new TransportError('connect', 'refused', { url, sent: false });
        // An old signer knows no /healthz: any answer will do.
        return { status: 404, body: '' };
      },
      { clock },
    );
    const watch = new SignerWatch({
      url: 'http://signer.test',
      transport,
      clock,
      needed: () => needed,
      lost: (cause) => said.push(cause),
      back: () => said.push('back'),
    });
    const stop = new AbortController();
    const run = watch.run(stop.signal);
    await clock.advance(10_000);
    up = false;
    await clock.advance(10_000);
    expect(said).toEqual([]);
    needed = true;
    await clock.advance(5000);
    expect(said[0]).toBe('the signer does not answer');
    expect(await watch.check(stop.signal)).toMatchObject({ ok: false });
    up = true;
    await clock.advance(2000);
    expect(said.at(-1)).toBe('back');
    stop.abort();
    await run;
    expect(clock.pending).toBe(0);
  });
});
