import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import type { buildConnector } from 'undici';
import { type HttpResponse, TransportError } from '../transport.ts';
import type { HttpUpload, HttpUploadRequest } from '../upload.ts';
import { ConnectFailure } from './connector.ts';
import { bodyAborted, bodyTooLarge, connectionLost } from './failures.ts';
import { DEFAULT_MAX_BODY_BYTES } from './options.ts';
import { parseTarget, type Target } from './target.ts';

/** Idle connections are closed after this long. */
const IDLE_MS = 30_000;

type Connected = (error: Error | null, socket: Duplex) => void;

/** Agents whose connections come from `connect`, so that pins and address rules hold for uploads too. */
export class UploadAgents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;

  constructor(connect: buildConnector.connector) {
    const dial =
      (protocol: 'http:' | 'https:') =>
      (options: { host?: string | null; port?: string | number | null }, callback?: Connected): undefined => {
        const hostname = options.host ?? 'localhost';
        connect({ hostname, host: hostname, protocol, port: String(options.port ?? '') }, (error, socket) => {
          // Node's callback type asks for a socket also beside an error; it is not looked at then.
          callback?.(error, socket as unknown as Duplex);
        });
        return undefined;
      };
    this.http = Object.assign(new HttpAgent({ keepAlive: true, timeout: IDLE_MS }), {
      createConnection: dial('http:'),
    });
    this.https = Object.assign(new HttpsAgent({ keepAlive: true, timeout: IDLE_MS }), {
      createConnection: dial('https:'),
    });
  }

  destroy(): void {
    this.http.destroy();
    this.https.destroy();
  }
}

const flatten = (response: IncomingMessage): Record<string, string> => {
  const flat: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, values] of Object.entries(response.headersDistinct)) {
    if (values !== undefined) flat[name] = values.join(', ');
  }
  return flat;
};

const readAnswer = async (
  response: IncomingMessage,
  target: Target,
  maxBytes: number,
): Promise<HttpResponse> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw bodyTooLarge(target, maxBytes);
    chunks.push(chunk);
  }
  return {
    status: response.statusCode ?? 0,
    headers: flatten(response),
    body: Uint8Array.from(Buffer.concat(chunks)),
  };
};

/** One upload over `node:http(s)`: undici ends a request on the second interim 100 (trickle.md section 8, row 1). */
class NodeUpload implements HttpUpload {
  readonly response: Promise<HttpResponse>;
  readonly connected: Promise<void>;
  readonly #target: Target;
  readonly #request: ClientRequest;
  #bodyStarted = false;
  #over = false;
  #aborted: TransportError | undefined;

  constructor(agents: UploadAgents, target: Target, options: HttpUploadRequest) {
    this.#target = target;
    const { url } = target;
    const secure = url.protocol === 'https:';
    const make = secure ? httpsRequest : httpRequest;
    this.#request = make({
      agent: secure ? agents.https : agents.http,
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
      path: url.pathname + url.search,
      method: options.method,
      headers: { host: url.host, 'transfer-encoding': 'chunked', ...options.headers },
    });
    // The agent gives a socket once it is connected, with TLS where that is used.
    const socket = new Promise<void>((resolve) => this.#request.once('socket', () => resolve()));
    const onAbort = (): void => this.abort(options.signal?.reason);
    this.response = this.#settle(options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES).finally(() => {
      this.#over = true;
      options.signal?.removeEventListener('abort', onAbort);
    });
    // Whoever waits for the answer sees the failure; an upload that nobody waits for may fail unseen.
    this.response.catch(() => {});
    this.connected = Promise.race([socket, this.response.then(() => {})]);
    this.connected.catch(() => {});
    this.#request.flushHeaders();
    if (options.signal?.aborted) onAbort();
    else options.signal?.addEventListener('abort', onAbort, { once: true });
  }

  get bodyStarted(): boolean {
    return this.#bodyStarted;
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (this.#over || this.#request.destroyed || chunk.byteLength === 0) return;
    this.#bodyStarted = true;
    if (this.#request.write(chunk)) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#request.off('drain', done);
        this.#request.off('close', done);
        resolve();
      };
      this.#request.on('drain', done);
      this.#request.on('close', done);
    });
  }

  end(): void {
    if (!this.#over) this.#request.end();
  }

  abort(reason?: unknown): void {
    if (this.#over) return;
    this.#aborted ??= bodyAborted(this.#target, reason);
    this.#request.destroy();
  }

  async #settle(maxBytes: number): Promise<HttpResponse> {
    const request = this.#request;
    try {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        request.once('response', resolve);
        // Stays on: a connection may also fail after the answer.
        request.on('error', reject);
        request.once('close', () => reject(new Error('connection closed')));
      });
      const answer = await readAnswer(response, this.#target, maxBytes);
      // An answer before the end of the body: the rest has no reader, and the connection no further use.
      if (!request.writableEnded) request.destroy();
      return answer;
    } catch (error) {
      request.destroy();
      throw this.#aborted ?? this.#classify(error);
    }
  }

  #classify(error: unknown): TransportError {
    if (error instanceof TransportError) return error;
    if (error instanceof ConnectFailure) {
      return new TransportError(error.code, error.message, {
        url: this.#target.shown,
        sent: false,
        cause: error.cause ?? error,
      });
    }
    return connectionLost(this.#target, error);
  }
}

/** Starts an upload. Throws `TransportError` 'invalid-url'. */
export const startUpload = (agents: UploadAgents, request: HttpUploadRequest): HttpUpload =>
  new NodeUpload(agents, parseTarget(request.url), request);
