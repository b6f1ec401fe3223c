import type { IncomingHttpHeaders } from 'node:http';
import type { Orchestrator } from '../orchestrator.ts';
import type { Runner } from '../registry/runner.ts';
import type { RunnerSession } from '../registry/session.ts';

const APP_PATH = /^\/apps\/([^/?]+)\/session\/([^/?]+)\/app(?:\/([^?]*))?(\?.*)?$/;

/** Whether a request is for the application of a session, which may not exist. */
export const isAppPath = (rawUrl: string): boolean => APP_PATH.test(rawUrl);

/** Headers of one hop, and those that would let a client speak for the proxy (live-runner.md section 10.1). */
const NOT_FORWARDED = new Set([
  'connection',
  'expect',
  'forwarded',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Where one request for a session's application goes. */
export interface ProxyTarget {
  readonly runner: Runner;
  readonly session: RunnerSession;
  readonly url: URL;
}

/**
 * Resolves `/apps/{route}/session/{session}/app/…` to the runner's URL, the path kept as it was written.
 *
 * @returns undefined for any other path.
 * @throws Refusal 404 when the runner or the session is not there.
 */
export function proxyTarget(orchestrator: Orchestrator, rawUrl: string): ProxyTarget | undefined {
  const match = APP_PATH.exec(rawUrl);
  if (match === null) return undefined;
  const [, route = '', sessionId = '', appPath = '', query = ''] = match;
  const runner = orchestrator.registry.ready(decode(route));
  const session = orchestrator.registry.session(runner, decode(sessionId));
  const url = new URL(runner.registration.runnerUrl);
  // Resolving dots before joining keeps a request below the path that the runner registered.
  // The host stands in front of it: however many slashes of either kind the path begins with, they name no other.
  const { pathname } = new URL(`http://runner.invalid/${appPath.replace(/^[\\/]+/, '')}`);
  url.pathname = url.pathname.replace(/\/$/, '') + pathname;
  url.search = query;
  return { runner, session, url };
}

/** The headers that reach the runner: the client's, less those of the hop, plus the session's identity. */
export function forwardedHeaders(
  headers: IncomingHttpHeaders,
  target: ProxyTarget,
  runnerBaseUrl: string,
): Record<string, string | string[]> {
  const hop = new Set(
    String(headers.connection ?? '')
      .toLowerCase()
      .split(/\s*,\s*/),
  );
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || NOT_FORWARDED.has(name) || hop.has(name) || name.startsWith('x-forwarded-'))
      continue;
    kept[name] = value;
  }
  const route = encodeURIComponent(target.runner.route);
  const session = encodeURIComponent(target.session.id);
  return {
    ...kept,
    'livepeer-runner-route': target.runner.route,
    'livepeer-session-id': target.session.id,
    'livepeer-session-token': target.session.token,
    'livepeer-session-control': `${runnerBaseUrl}/runner/${route}/session/${session}`,
  };
}

/** What a client is told of a failure to reach the runner: the kind of it, never where the runner is. */
export function unreachable(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  return /^[A-Z][A-Z0-9_]{1,40}$/.test(code)
    ? `the runner could not be reached (${code})`
    : 'the runner could not be reached';
}

/** Headers of an answer that belong to one hop. */
export const isHopHeader = (name: string): boolean => NOT_FORWARDED.has(name) && name !== 'host';

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // not an encoding: it names nothing, and the look-up says so
  }
}
