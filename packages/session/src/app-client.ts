import { HEADERS } from '@lp/protocol';
import {
  type HttpRequest,
  type HttpResponse,
  type HttpStream,
  type Transport,
  TransportError,
} from '@lp/runtime';

/** A call of the runner's application. */
export interface AppRequest {
  /** Default POST with a body, GET without. */
  readonly method?: HttpRequest['method'];
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** Default 60,000. For a stream: until its headers. */
  readonly timeoutMs?: number;
  readonly maxBodyBytes?: number;
  readonly signal?: AbortSignal;
}

/** The runner's application through the session. The URL itself is the credential: nothing else is sent. */
export interface SessionApp {
  readonly url: string;
  /** `{app_url}/{path}`, answered whole. Throws `TransportError`, or `SessionEndedError` after the end. */
  request(path: string, init?: AppRequest): Promise<HttpResponse>;
  /** The same, with the body as it comes. */
  stream(path: string, init?: AppRequest): Promise<HttpStream>;
  /** `ws` or `wss` URL of a path. */
  webSocketUrl(path: string): string;
}

const DEFAULT_TIMEOUT_MS = 60_000;

/** The app at `url`. `suspect` is called when an answer looks like the session is gone. */
export function sessionApp(
  url: string,
  ports: { readonly transport: Transport; readonly signal: AbortSignal; readonly suspect: () => void },
): SessionApp {
  const { transport, signal, suspect } = ports;
  const at = (path: string): string => `${url}/${path.replace(/^\/+/, '')}`;
  const call = async <
    T extends { readonly status: number; readonly headers: Readonly<Record<string, string>> },
  >(
    send: (request: HttpRequest) => Promise<T>,
    path: string,
    init: AppRequest,
  ): Promise<T> => {
    signal.throwIfAborted();
    try {
      const answer = await send({
        method: init.method ?? (init.body === undefined ? 'GET' : 'POST'),
        url: at(path),
        headers: { accept: '*/*', ...init.headers },
        timeoutMs: init.timeoutMs ?? DEFAULT_TIMEOUT_MS,
        ...(init.body === undefined ? {} : { body: init.body }),
        ...(init.maxBodyBytes === undefined ? {} : { maxBodyBytes: init.maxBodyBytes }),
        signal: init.signal === undefined ? signal : AbortSignal.any([signal, init.signal]),
      });
      // An application's own 404 costs one probe, which then says that the session lives.
      if (answer.status === 404 || answer.headers[HEADERS.sessionEnded.toLowerCase()] !== undefined)
        suspect();
      return answer;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof TransportError && error.code !== 'aborted' && error.code !== 'invalid-url')
        suspect();
      throw error;
    }
  };
  return {
    url,
    request: (path, init = {}) => call((request) => transport.request(request), path, init),
    stream: (path, init = {}) => call((request) => transport.stream(request), path, init),
    webSocketUrl: (path) => at(path).replace(/^http/i, 'ws'),
  };
}
