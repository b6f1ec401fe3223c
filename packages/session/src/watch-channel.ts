import type { Clock, Random, Transport } from '@lp/runtime';
import { subscribe } from '@lp/trickle';

/**
 * Waits until a trickle channel is over. Reads no more than the headers of its segments. Resolves with why; never
 * throws.
 */
export async function channelEnd(
  url: string,
  ports: { transport: Transport; clock: Clock; random: Random; signal: AbortSignal },
): Promise<string> {
  try {
    const subscription = subscribe(url, { ...ports, from: -1 });
    // Asking for the next segment gives up the one before, whose bytes are not wanted.
    for await (const segment of subscription) void segment.seq;
    return subscription.end ?? 'closed';
  } catch (error) {
    return error instanceof Error ? error.message : 'the channel could not be read';
  }
}
