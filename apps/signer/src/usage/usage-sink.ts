import { open } from 'node:fs/promises';
import { type Transport, TransportError } from '@lp/runtime';
import { messageOf } from '../message-of.ts';

/** Takes usage events. What it resolved for was kept; what it rejected is delivered again. */
export interface UsageSink {
  /**
   * @param events JSON, each with its `id`; one may come twice.
   * @throws UsageSinkError
   */
  deliver(events: readonly string[], signal: AbortSignal): Promise<void>;
}

/** Events were not taken. They wait, and come again. */
export class UsageSinkError extends Error {
  override readonly name = 'UsageSinkError';
  readonly code = 'usage-sink';
}

/** Appends to a file, one event a line; on disk when it resolves. A pipe or `/dev/stdout` will do, too. */
export function jsonLinesSink(path: string): UsageSink {
  return {
    async deliver(events) {
      try {
        await using file = await open(path, 'a', 0o600);
        const found = await file.stat();
        // half a line that a full disk or a crash left must not take the next event with it
        const start = found.isFile() && (await endsWithinLine(path, found.size)) ? '\n' : '';
        await file.appendFile(start + events.map((event) => `${event}\n`).join(''));
        if (found.isFile()) await file.datasync(); // nothing else can be synced
      } catch (cause) {
        throw new UsageSinkError(`the usage file cannot be written: ${messageOf(cause)}`, { cause });
      }
    },
  };
}

async function endsWithinLine(path: string, size: number): Promise<boolean> {
  if (size === 0) return false;
  await using file = await open(path, 'r');
  const { buffer } = await file.read({ buffer: Buffer.alloc(1), position: size - 1 });
  return buffer[0] !== NEWLINE;
}

const NEWLINE = 0x0a;

const TIMEOUT_MS = 10_000;

/** Posts a JSON array of events; any 2xx takes them all. */
export function webhookSink(options: {
  readonly url: string;
  /** May be credentials. */
  readonly headers: Readonly<Record<string, string>>;
  readonly transport: Transport;
}): UsageSink {
  const { url, headers, transport } = options;
  return {
    async deliver(events, signal) {
      const response = await transport
        .request({
          method: 'POST',
          url,
          headers: { 'content-type': 'application/json', ...headers },
          body: `[${events.join(',')}]`,
          timeoutMs: TIMEOUT_MS,
          maxBodyBytes: 64 * 1024,
          signal,
        })
        .catch((cause: unknown) => {
          // the code only: the message may carry the URL, and the URL a secret
          const code = cause instanceof TransportError ? cause.code : 'no answer';
          throw new UsageSinkError(`the usage webhook failed: ${code}`, { cause });
        });
      if (response.status < 200 || response.status > 299) {
        throw new UsageSinkError(`the usage webhook answered ${response.status}`);
      }
    },
  };
}
