import { openSession } from '@lp/session';

await using session = await openSession({
  app: 'lp/edges',
  signer: { url: 'http://127.0.0.1:8937' },
  maxPrice: { usd: '4', unit: 'hour', weiPerUsd: { n: 500_000_000_000_000n, d: 1n } },
  signal: AbortSignal.timeout(20_000), // leaving the block ends the session too, and so does close()
  onEvent: (event) =>
    event.type === 'payment' && process.stdout.write(`paid: ${event.runwayMs} ms of runway\n`),
});
const stream = await session.app.request('/stream', { body: '{"effect":"sepia"}' });
process.stdout.write(`publish and read here: ${new TextDecoder().decode(stream.body)}\n`);
const { paid, fees, reason } = await session.ended;
process.stdout.write(`${reason}: ${paid.tickets} tickets, ${fees.units} seconds\n`);
