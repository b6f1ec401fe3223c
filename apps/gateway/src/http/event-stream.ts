import { Readable } from 'node:stream';
import type { LoggedEvent } from '../session/event-log.ts';

/** A server-sent event stream with bounded memory: a client that does not read is cut off and may resume. */
export class EventStream {
  readonly readable = new Readable({ read: () => {} });
  readonly #maxBufferedBytes: number;

  constructor(maxBufferedBytes: number) {
    this.#maxBufferedBytes = maxBufferedBytes;
    this.#write('retry: 2000\n\n');
  }

  /** An event of the log, with its id: clients resume after it. */
  event({ id, atMs, type, data }: LoggedEvent): void {
    const body = JSON.stringify({ id, at: new Date(atMs).toISOString(), type, ...data });
    this.#write(`id: ${id}\nevent: ${type}\ndata: ${body}\n\n`);
  }

  /** A passing message without id: it is not sent again. */
  message(type: string, data: Readonly<Record<string, unknown>>): void {
    this.#write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  }

  /** Keeps proxies from closing a quiet stream. */
  heartbeat(): void {
    this.#write(': still here\n\n');
  }

  end(): void {
    if (!this.readable.destroyed) this.readable.push(null);
  }

  #write(text: string): void {
    if (this.readable.destroyed || this.readable.readableEnded) return;
    if (this.readable.readableLength > this.#maxBufferedBytes) {
      this.readable.destroy(new Error('the client does not read its events'));
      return;
    }
    this.readable.push(text);
  }
}
