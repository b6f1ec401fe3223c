import { type HttpResponse, type HttpUpload, TransportError, type UploadTransport } from '@lp/runtime';
import { TRICKLE_HEADERS } from '../headers.ts';
import type { TrickleTransport } from './options.ts';

/** The POST of one segment, before, while and after its body is written. */
export interface SegmentPost {
  readonly seq: number;
  /** Resolves when body bytes may be written; rejects when no connection was made. */
  readonly connected: Promise<void>;
  /** The answer or the failure, if it came before the body was ended. */
  readonly early: HttpResponse | TransportError | undefined;
  write(chunk: Uint8Array): Promise<void>;
  /** Ends the body and gives the answer. Rejects with `TransportError`. */
  finish(): Promise<HttpResponse>;
  abort(): void;
}

/** How a segment is posted. */
export interface PostRequest {
  readonly url: string;
  readonly seq: number;
  readonly contentType: string;
  /** Tells the server that an earlier publisher is gone. */
  readonly reset: boolean;
  readonly signal: AbortSignal;
  /** Longest wait for the answer to a whole segment. */
  readonly timeoutMs: number;
}

const headersOf = ({ contentType, reset }: PostRequest): Record<string, string> => ({
  'content-type': contentType,
  ...(reset ? { [TRICKLE_HEADERS.reset]: '1' } : {}),
});

/** A body that is sent as it is written. */
class StreamedPost implements SegmentPost {
  readonly seq: number;
  readonly connected: Promise<void>;
  early: HttpResponse | TransportError | undefined;
  readonly #upload: HttpUpload;

  constructor(transport: UploadTransport, request: PostRequest) {
    const { url, seq, signal } = request;
    this.seq = seq;
    this.#upload = transport.upload({
      method: 'POST',
      url,
      headers: headersOf(request),
      signal,
    });
    this.connected = this.#upload.connected;
    this.#upload.response.then(
      (answer) => {
        this.early = answer;
      },
      (error: TransportError) => {
        this.early = error;
      },
    );
  }

  write(chunk: Uint8Array): Promise<void> {
    return this.#upload.write(chunk);
  }

  finish(): Promise<HttpResponse> {
    this.#upload.end();
    return this.#upload.response;
  }

  abort(): void {
    this.#upload.abort();
  }
}

/** A body that is collected and sent as a whole: all that `fetch` in a browser can do. */
class WholePost implements SegmentPost {
  readonly seq: number;
  readonly connected = Promise.resolve();
  readonly early = undefined;
  readonly #transport: TrickleTransport;
  readonly #request: PostRequest;
  readonly #stop = new AbortController();
  #chunks: Uint8Array[] = [];

  constructor(transport: TrickleTransport, request: PostRequest) {
    this.seq = request.seq;
    this.#transport = transport;
    this.#request = request;
  }

  async write(chunk: Uint8Array): Promise<void> {
    // The caller may reuse its buffer before the segment is closed.
    this.#chunks.push(chunk.slice());
  }

  async finish(): Promise<HttpResponse> {
    const { url, signal, timeoutMs } = this.#request;
    const body = new Uint8Array(this.#chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0));
    let at = 0;
    for (const chunk of this.#chunks) {
      body.set(chunk, at);
      at += chunk.byteLength;
    }
    this.#chunks = [];
    const post = (): Promise<HttpResponse> =>
      this.#transport.request({
        method: 'POST',
        url,
        headers: headersOf(this.#request),
        body,
        timeoutMs,
        signal: AbortSignal.any([signal, this.#stop.signal]),
      });
    try {
      return await post();
    } catch (error) {
      // Once more if the server certainly saw nothing; otherwise the bytes might be doubled.
      if (error instanceof TransportError && !error.sent && error.code === 'connect') return await post();
      throw error;
    }
  }

  abort(): void {
    this.#stop.abort();
  }
}

/** Whether the transport can write a body piece by piece, and so open a POST ahead of its data. */
export const canStream = (transport: TrickleTransport): transport is TrickleTransport & UploadTransport =>
  transport.upload !== undefined;

/** Opens the POST of a segment. */
export const openPost = (transport: TrickleTransport, request: PostRequest): SegmentPost =>
  canStream(transport) ? new StreamedPost(transport, request) : new WholePost(transport, request);
