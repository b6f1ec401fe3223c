import {
  type Channel,
  channelsResponse,
  decodeWith,
  deleteChannelsResponse,
  HEADERS,
  parseJson,
  proxyResponse,
  stringifyJson,
  WireError,
} from '@lp/protocol';
import { createTransport, type HttpRequest, type Transport, TransportError } from '@lp/runtime';
import { baseUrl } from './base-url.ts';
import { errorText } from './error-text.ts';
import { SessionError } from './runner-error.ts';

const TIMEOUT_MS = 5_000;

/** Request headers as Node, fastify or fetch give them. */
export type RequestHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/** A channel to create. */
export interface ChannelRequest {
  /** Letters, digits, `_` and `-`. */
  readonly name: string;
  /** Default `application/octet-stream`. */
  readonly mimeType?: string;
}

/** A trickle channel of the session. */
export interface SessionChannel {
  readonly name: string;
  /** For the client. */
  readonly url: string;
  /** For this runner: the orchestrator's internal URL where it has one, else `url`. */
  readonly internalUrl: string;
  readonly mimeType: string;
}

/** The orchestrator's callbacks for one session (live-runner.md section 10). All throw `SessionError`. */
export interface RunnerSession {
  readonly id: string;
  /** Aborts when the session is released; only for sessions taken from a `Registration`. */
  readonly signal: AbortSignal | undefined;
  /** Creates 1 to 25 channels, in the order asked for; an existing name gives the old channel. */
  createChannels(channels: readonly ChannelRequest[], options?: CallOptions): Promise<SessionChannel[]>;
  /** Deletes channels and gives their names. */
  deleteChannels(names: readonly string[], options?: CallOptions): Promise<readonly string[]>;
  /** A URL that leads to this runner, or to another port or path of its host, without the session's path. */
  createProxy(targetUrl?: string, options?: CallOptions): Promise<{ id: string; url: string }>;
  /** Ends the session. A session that is over already counts as stopped. */
  stop(options?: CallOptions): Promise<void>;
}

/** Limits one call. */
export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** How the callbacks travel. */
export interface RunnerSessionOptions {
  readonly transport?: Transport;
  /** Released-signal of the session, where it is known. */
  readonly signal?: AbortSignal;
}

/** What the orchestrator adds to a request that it proxies (live-runner.md section 10.1). */
export interface SessionHeaders {
  readonly id: string;
  readonly token: string;
  /** Base URL of the callbacks. */
  readonly control: string;
}

/**
 * Reads the session headers of a proxied request.
 *
 * @throws SessionError `no-session` when one is missing or malformed
 */
export function readSessionHeaders(headers: RequestHeaders): SessionHeaders {
  const id = header(headers, HEADERS.sessionId);
  const token = header(headers, HEADERS.sessionToken);
  const control = baseUrl(header(headers, HEADERS.sessionControl));
  if (id === '' || token === '' || control === undefined || id.length > 256 || /[^\x21-\x7e]/.test(token)) {
    throw new SessionError(
      'no-session',
      'the request did not come through an orchestrator: session headers missing',
    );
  }
  return { id, token, control };
}

/**
 * The session of a proxied request, from its headers alone. The headers are believed as they are, so use this only
 * where nobody but the orchestrator reaches the runner; `Registration.session` checks them.
 *
 * @throws SessionError `no-session`
 */
export function runnerSession(headers: RequestHeaders, options: RunnerSessionOptions = {}): RunnerSession {
  const { id, token, control } = readSessionHeaders(headers);
  const transport = options.transport ?? sharedTransport();

  const call = async (method: HttpRequest['method'], path: string, body: unknown, signal?: AbortSignal) => {
    const signals = [signal, options.signal].filter((one) => one !== undefined);
    const json = body === undefined ? undefined : stringifyJson(body);
    let response: Awaited<ReturnType<Transport['request']>>;
    try {
      response = await transport.request({
        method,
        url: `${control}/${path}`,
        headers: {
          [HEADERS.sessionToken]: token,
          ...(json !== undefined && { 'content-type': 'application/json', accept: 'application/json' }),
        },
        ...(json !== undefined && { body: json }),
        ...(signals.length > 0 && { signal: AbortSignal.any(signals) }),
        timeoutMs: TIMEOUT_MS,
      });
    } catch (cause) {
      if (!(cause instanceof TransportError)) throw cause;
      if (options.signal?.aborted === true) {
        throw new SessionError('session-ended', 'the session was released', { cause: options.signal.reason });
      }
      throw new SessionError('unreachable', `the orchestrator did not answer: ${cause.message}`, { cause });
    }
    const { status } = response;
    if (status >= 200 && status < 300) return response.body;
    const code = status === 404 ? 'session-ended' : status === 401 ? 'unauthorized' : 'refused';
    throw new SessionError(code, `the orchestrator refused ${path}: ${errorText(response)}`, { status });
  };

  const read = <T>(bytes: Uint8Array, decode: (value: unknown) => T): T => {
    try {
      return decode(parseJson(bytes));
    } catch (cause) {
      if (!(cause instanceof WireError)) throw cause;
      const message = `the orchestrator's answer cannot be read: ${cause.message}`;
      throw new SessionError('bad-answer', message, { cause });
    }
  };

  return {
    id,
    signal: options.signal,
    async createChannels(channels, { signal } = {}) {
      const body = { channels: channels.map(({ name, mimeType }) => ({ name, mime_type: mimeType })) };
      const bytes = await call('POST', 'channels', body, signal);
      const answer = read(bytes, (value) => decodeWith(channelsResponse, value));
      return channels.map(({ name }) => sessionChannel(answer.channels, name));
    },
    async deleteChannels(names, { signal } = {}) {
      const bytes = await call('DELETE', 'channels', { channels: names }, signal);
      return read(bytes, (value) => decodeWith(deleteChannelsResponse, value)).deleted;
    },
    async createProxy(targetUrl, { signal } = {}) {
      const body = targetUrl === undefined ? {} : { target_url: targetUrl };
      const bytes = await call('POST', 'proxy', body, signal);
      const answer = read(bytes, (value) => decodeWith(proxyResponse, value));
      return { id: answer.proxy_id, url: answer.url };
    },
    async stop({ signal } = {}) {
      try {
        await call('POST', 'stop', undefined, signal);
      } catch (error) {
        if (!(error instanceof SessionError && error.code === 'session-ended')) throw error;
      }
    },
  };
}

function sessionChannel(channels: readonly Channel[], name: string): SessionChannel {
  const found = channels.find((channel) => channel.name === name);
  if (found === undefined || baseUrl(found.url) === undefined) {
    throw new SessionError('bad-answer', `the orchestrator did not give channel ${JSON.stringify(name)}`);
  }
  const { url, internal_url: internalUrl = url, mime_type: mimeType } = found;
  return { name, url, internalUrl, mimeType };
}

function header(headers: RequestHeaders, name: string): string {
  if (headers instanceof Headers) return headers.get(name)?.trim() ?? '';
  const value = headers[name.toLowerCase()] ?? headers[name];
  return (typeof value === 'string' ? value : (value?.[0] ?? '')).trim();
}

let shared: Transport | undefined;
function sharedTransport(): Transport {
  shared ??= createTransport();
  return shared;
}
