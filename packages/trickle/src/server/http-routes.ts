import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { TRICKLE_HEADERS } from '../headers.ts';
import { type CorsOrigins, corsHeaders, PREFLIGHT_HEADERS } from './cors.ts';
import { ChannelRefusedError } from './errors.ts';
import { SegmentRead } from './http-read.ts';
import { type Interim, SegmentWrite } from './http-write.ts';
import { type Reply, refuse, sendEmpty, sendText } from './reply.ts';
import { parseTarget, type TrickleTarget } from './target.ts';
import type { TrickleServer } from './trickle-server.ts';

/** How the HTTP side behaves. */
export interface TrickleHttpOptions {
  /** Pages that may use the channels from a browser. Default: none. */
  readonly cors?: CorsOrigins;
  /**
   * Interim answer to a POST that waits 10 s for its first byte: 'continue' is what the Go server sends, but ends
   * requests of undici and `fetch`; 'processing' (102) is accepted by all. Default 'none': no client needs one.
   */
  readonly interim?: Interim;
}

const STREAM_NOT_FOUND = 'Stream not found';

/** Reads and forgets a body where none is expected, so that the connection can be used again. */
const discardBody = (request: IncomingMessage): void => void request.resume();

/** Answers trickle requests on plain `node:http` objects (trickle.md section 2). */
export class TrickleHttp {
  readonly #server: TrickleServer;
  readonly #cors: CorsOrigins | undefined;
  readonly #interim: Interim;

  constructor(server: TrickleServer, options: TrickleHttpOptions = {}) {
    this.#server = server;
    this.#cors = options.cors;
    this.#interim = options.interim ?? 'none';
  }

  /** Takes over the exchange. `path` is what follows the mount point, without query; `headers` go into the answer. */
  handle(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    headers: OutgoingHttpHeaders = {},
  ): void {
    const reply: Reply = {
      raw: response,
      // Whoever creates a channel names its type: a browser must not make a page of what others publish there.
      baseHeaders: {
        'x-content-type-options': 'nosniff',
        'content-security-policy': 'sandbox',
        ...headers,
        ...corsHeaders(request, this.#cors),
      },
    };
    // A peer that goes away is seen as 'close' by whoever serves it.
    response.on('error', () => {});
    const target = parseTarget(path);
    if (target === undefined) {
      discardBody(request);
      refuse(reply, 404, 'Not found');
      return;
    }
    const { method } = request;
    if (method === 'GET') {
      this.#get(target, reply);
    } else if (method === 'POST') {
      this.#post(target, request, reply);
    } else {
      discardBody(request);
      if (method === 'DELETE') this.#delete(target, reply);
      else if (method === 'OPTIONS' && this.#cors !== undefined) sendEmpty(reply, 204, PREFLIGHT_HEADERS);
      else refuse(reply, 405, 'Method not allowed', { allow: 'GET, POST, DELETE' });
    }
  }

  #get({ channel: name, index }: TrickleTarget, reply: Reply): void {
    if (index === undefined) {
      refuse(reply, 405, 'Method not allowed', { allow: 'POST, DELETE' });
      return;
    }
    if (index === 'invalid' || (index !== 'next' && index < -2)) {
      refuse(reply, 400, 'Invalid idx');
      return;
    }
    const channel = this.#server.open(name);
    if (channel === undefined) {
      refuse(reply, 404, STREAM_NOT_FOUND);
      return;
    }
    if (index === 'next') {
      const next = String(channel.nextWrite);
      sendText(reply, 200, next, { [TRICKLE_HEADERS.latest]: next, 'cache-control': 'no-store' });
      return;
    }
    SegmentRead.serve(channel, index, reply, this.#server);
  }

  #post({ channel: name, index }: TrickleTarget, request: IncomingMessage, reply: Reply): void {
    if (index === undefined) {
      discardBody(request);
      const contentType = request.headers['expect-content'];
      if (this.#ensure(name, typeof contentType === 'string' ? contentType : undefined, reply)) {
        sendEmpty(reply, 200);
      }
      return;
    }
    if (index === 'next' || index === 'invalid' || index < -1) {
      refuse(reply, 400, 'Invalid idx', { connection: 'close' });
      return;
    }
    if (!this.#ensure(name, request.headers['content-type'], reply)) return;
    const channel = this.#server.open(name);
    if (channel === undefined) {
      refuse(reply, 404, STREAM_NOT_FOUND, { connection: 'close' });
      return;
    }
    SegmentWrite.serve(channel, index, request, reply, { interim: this.#interim, clock: this.#server.clock });
  }

  #delete({ channel: name, index }: TrickleTarget, reply: Reply): void {
    if (index === undefined) {
      if (this.#server.delete(name)) sendEmpty(reply, 200);
      else refuse(reply, 400, 'Invalid stream');
      return;
    }
    const channel = this.#server.open(name);
    if (channel === undefined) {
      refuse(reply, 404, STREAM_NOT_FOUND);
      return;
    }
    if (index === 'next' || index === 'invalid' || index < 0) {
      refuse(reply, 400, 'Invalid idx');
      return;
    }
    const segment = channel.segment(index);
    if (segment === undefined) {
      refuse(reply, 400, 'Nonexistent segment');
      return;
    }
    segment.close();
    sendEmpty(reply, 200);
  }

  /** The channel exists, or may be made and now does; otherwise the refusal has been sent. */
  #ensure(name: string, contentType: string | undefined, reply: Reply): boolean {
    if (this.#server.channel(name) !== undefined) return true;
    if (!this.#server.autocreate) {
      // The body is not read: the connection ends instead (section 3.1, step 1).
      refuse(reply, 404, STREAM_NOT_FOUND, { connection: 'close' });
      return false;
    }
    try {
      this.#server.create(name, contentType === undefined ? {} : { contentType });
      return true;
    } catch (error) {
      if (!(error instanceof ChannelRefusedError)) throw error;
      const status = error.code === 'invalid-name' ? 400 : 503;
      refuse(reply, status, status === 400 ? 'Invalid stream' : 'No more streams', { connection: 'close' });
      return false;
    }
  }
}
