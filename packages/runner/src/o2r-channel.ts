import { decodeWith, type O2rMessage, o2rMessage, parseJson, WireError } from '@lp/protocol';
import type { Clock, Transport } from '@lp/runtime';
import { subscribe } from '@lp/trickle';

const MAX_MESSAGE_BYTES = 64 * 1024;

/**
 * Messages of an o2r channel from its start, one JSON document per segment (live-runner.md section 4.3). Keep-alives,
 * empty segments and messages of a later protocol are skipped. Ends when the channel does; throws what the
 * subscription throws.
 */
export async function* o2rMessages(
  url: string,
  options: { signal: AbortSignal; clock: Clock; transport: Transport },
): AsyncGenerator<Exclude<O2rMessage, { keep: 'alive' }>, void, void> {
  for await (const segment of subscribe(url, { from: 0, ...options })) {
    const message = readMessage(await wholeSegment(segment.chunks));
    if (message !== undefined && 'event' in message) yield message;
  }
}

function readMessage(bytes: Uint8Array | undefined): O2rMessage | undefined {
  if (bytes === undefined || bytes.length === 0) return undefined;
  try {
    return decodeWith(o2rMessage, parseJson(bytes));
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

// Undefined for a segment that is too large to be a message.
async function wholeSegment(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > MAX_MESSAGE_BYTES) return undefined;
    parts.push(chunk);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
