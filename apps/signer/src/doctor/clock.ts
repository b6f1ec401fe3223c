import type { Clock, Transport } from '@lp/runtime';
import { messageOf } from '../message-of.ts';
import { type Finding, ok, warn } from './finding.ts';

const TIMEOUT_MS = 5000;
/** Auth tokens and payments tell time in seconds. */
const MOST_SKEW_MS = 5000;
const STALE_BLOCK_MS = 300_000;

/** Compares this machine's clock with what the chain's node says, and with its newest block. */
export async function clockFinding(options: {
  readonly rpcUrl: string;
  readonly transport: Transport;
  readonly clock: Clock;
}): Promise<Finding> {
  const { rpcUrl, transport, clock } = options;
  try {
    const sentMs = clock.wallMs();
    const response = await transport.request({
      method: 'POST',
      url: rpcUrl,
      headers: { 'content-type': 'application/json' },
      body: '{"jsonrpc":"2.0","id":1,"method":"eth_getBlockByNumber","params":["latest",false]}',
      timeoutMs: TIMEOUT_MS,
    });
    const nowMs = (sentMs + clock.wallMs()) / 2;
    const date = Date.parse(response.headers['date'] ?? '');
    const { result } = JSON.parse(new TextDecoder().decode(response.body)) as {
      result?: { timestamp?: string } | null;
    };
    if (result?.timestamp === undefined) throw new Error('the node told no newest block');
    const blockMs = Number(BigInt(result.timestamp)) * 1000;
    // the header has whole seconds: half a one is nothing
    const skewMs = Number.isNaN(date) ? undefined : nowMs - (date + 500);
    if (skewMs !== undefined && Math.abs(skewMs) > MOST_SKEW_MS) {
      const way = skewMs > 0 ? 'ahead of' : 'behind';
      return warn(
        'clock',
        `${Math.round(Math.abs(skewMs) / 1000)} s ${way} the node of the chain`,
        'synchronise the clock: sessions are billed by it',
      );
    }
    if (blockMs - nowMs > MOST_SKEW_MS) {
      return warn('clock', 'behind the newest block', 'synchronise the clock: sessions are billed by it');
    }
    const ageMs = nowMs - blockMs;
    return ageMs > STALE_BLOCK_MS
      ? warn(
          'clock',
          `the newest block is ${Math.round(ageMs / 60_000)} minutes old`,
          'the node of the chain has stopped, or the clock is ahead',
        )
      : ok(
          'clock',
          `agrees with the chain; the newest block is ${Math.max(0, Math.round(ageMs / 1000))} s old`,
        );
  } catch (error) {
    return warn('clock', `cannot be compared: ${messageOf(error)}`, 'see the chain');
  }
}
