import { describe, expect, it } from 'vitest';
import { devnet, processesOf } from './devnet-process.ts';

const TIMEOUT_MS = 90_000;

describe('one paid session on a fresh network', () => {
  it('streams, pays, is metered, redeems, and says so in its last line', {
    timeout: TIMEOUT_MS,
  }, async () => {
    using run = devnet('--once', '--seconds', '3', '--json');
    const code = await run.ended;
    const line = run.stdout().trimEnd().split('\n').at(-1) ?? '';
    const summary = JSON.parse(line) as Record<string, never>;
    expect(summary, run.stderr()).toMatchObject({ ok: true, framesSent: 60, closedBy: 'client' });
    expect(code).toBe(0);
    expect(summary['framesReceived']).toBeGreaterThanOrEqual(59);
    const wei = (name: string): bigint => BigInt(summary[name] ?? -1);
    expect(wei('paidWei')).toBeGreaterThanOrEqual(wei('meteredWei'));
    expect(wei('meteredWei')).toBeGreaterThan(0n);
    // Whole tickets, each worth one second of the price; every payout is two seconds of it.
    expect(wei('paidWei')).toBe(BigInt(summary['tickets'] ?? 0) * wei('priceWeiPerSecond'));
    expect(summary['redeemedTickets']).toBe(summary['winningTickets']);
    expect(wei('redeemedWei')).toBe(BigInt(summary['redeemedTickets'] ?? 0) * 2n * wei('priceWeiPerSecond'));
    expect(run.leftFiles()).toEqual([]);
  });

  it('fails with the reason when a part ends unexpectedly', { timeout: TIMEOUT_MS }, async () => {
    using run = devnet('--once', '--seconds', '60', '--json');
    await run.said('session');
    const [orchestrator] = processesOf(`LP_ORCHESTRATOR_DATA_DIR=${run.folder}`);
    if (orchestrator === undefined) throw new Error('no orchestrator');
    process.kill(orchestrator, 'SIGKILL');
    expect(await run.ended).toBe(1);
    expect(JSON.parse(run.stdout())).toEqual({
      ok: false,
      failures: [expect.stringMatching(/^orchestrator ended unexpectedly \(SIGKILL\)/)],
    });
    expect(run.leftFiles()).toEqual([]);
  });

  it('refuses an input that cannot be played before it starts anything', async () => {
    using run = devnet('--once', '--json', '--input', '/nonexistent.mp4');
    expect(await run.ended).toBe(1);
    expect(run.stdout()).toMatch(/ffmpeg/);
    expect(run.stderr()).not.toContain('chain at');
  });
});

// Processes are looked up in /proc.
describe.runIf(process.platform === 'linux')('the end of a network', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
    'by %s leaves no process and no file behind',
    { timeout: TIMEOUT_MS },
    async (signal) => {
      using run = devnet('start');
      await run.said('gateway at');
      expect(run.leftFiles()).toHaveLength(1);
      // Itself, the guard, the chain and four apps.
      expect(processesOf(run.folder)).toHaveLength(7);
      run.child.kill(signal);
      expect(await run.ended).toBe(signal === 'SIGKILL' ? signal : 0);
      await expect.poll(() => processesOf(run.folder), { timeout: 10_000 }).toEqual([]);
      await expect.poll(() => run.leftFiles(), { timeout: 10_000 }).toEqual([]);
    },
  );
});
