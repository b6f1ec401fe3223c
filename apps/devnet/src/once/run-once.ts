import { createTransport, systemClock } from '@lp/runtime';
import { openSession, type Session } from '@lp/session';
import { DEVELOPMENT } from '../development-settings.ts';
import type { Network } from '../network.ts';
import { exchangeFrames } from './exchange.ts';
import { movingPicture } from './moving-picture.ts';
import { waitForRedemptions } from './redemptions.ts';
import { type Summary, summarize } from './summary.ts';
import { videoFile } from './video-file.ts';

/** What one session does. */
export interface OnceOptions {
  readonly seconds: number;
  readonly fps: number;
  /** A video file instead of the drawn picture. */
  readonly input?: string;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

const OPEN_MS = 30_000;

/**
 * Runs one paid session on the network, closes it, and waits for the payouts.
 *
 * @throws what the first step that fails throws
 */
export async function runOnce(network: Network, options: OnceOptions): Promise<Summary> {
  const { seconds, fps, signal, progress } = options;
  const clock = systemClock;
  const fromBlock = await network.chain.blockNumber();
  const transport = createTransport({ privateAddresses: 'allow' });
  try {
    await using source =
      options.input === undefined ? movingPicture() : videoFile(options.input, fps, signal);
    let runwayMsMin = Number.POSITIVE_INFINITY;
    await using session = await openSession({
      app: DEVELOPMENT.app,
      signer: { url: network.signerUrl },
      maxPrice: { usd: DEVELOPMENT.ceilingUsdPerHour, unit: 'hour', weiPerUsd: DEVELOPMENT.weiPerUsd },
      openTimeoutMs: OPEN_MS,
      signal,
      transport,
      onEvent(event) {
        if ('runwayMs' in event) runwayMsMin = Math.min(runwayMsMin, event.runwayMs);
      },
    });
    progress(`session ${session.id} open`);
    const channels = await startStream(session);
    const until = AbortSignal.any([signal, session.signal]);
    const exchange = await exchangeFrames({
      channels,
      source,
      seconds,
      fps,
      clock,
      transport,
      signal: until,
    });
    progress(`${exchange.received} of ${exchange.sent} frames came back`);
    const receipt = await session.close();
    progress('session closed, waiting for redemptions');
    const { payouts, ledger } = await waitForRedemptions({
      chain: network.chain,
      adminUrl: network.orchestratorAdminUrl,
      sessionId: session.id,
      fromBlock,
      clock,
      signal,
    });
    const durationSeconds = Number(receipt.durationNs / 1_000_000n) / 1_000;
    const { startupMs } = network;
    return summarize({
      seconds: durationSeconds,
      exchange,
      receipt,
      ledger,
      payouts,
      runwayMsMin: Number.isFinite(runwayMsMin) ? runwayMsMin : 0,
      startupMs,
    });
  } finally {
    await transport.close();
  }
}

/** Starts the edges stream of the example runner and gives its channels. */
async function startStream(session: Session): Promise<{ in: string; out: string }> {
  const answer = await session.app.request('/stream', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"effect":"edges"}',
  });
  const text = new TextDecoder().decode(answer.body);
  if (answer.status !== 200) throw new Error(`the runner refuses a stream: ${answer.status} ${text}`);
  const channels = JSON.parse(text) as { in?: unknown; out?: unknown };
  if (typeof channels.in !== 'string' || typeof channels.out !== 'string') {
    throw new Error('the runner named no channels');
  }
  return { in: channels.in, out: channels.out };
}
