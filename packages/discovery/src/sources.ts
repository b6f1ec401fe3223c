import { AddressError, joinUrl, originUrl, parseAddress } from './address.ts';
import type { DiscoveryFailure } from './failure.ts';

/** Where lists of runners come from (client.md section 2.1). Headers go to their own source only. */
export type DiscoverySource =
  /** `{signer origin}/discover-orchestrators`. */
  | { readonly kind: 'signer'; readonly url: string; readonly headers?: Readonly<Record<string, string>> }
  /** A discovery URL, used exactly as given. */
  | { readonly kind: 'url'; readonly url: string; readonly headers?: Readonly<Record<string, string>> }
  /** Each orchestrator's own `{entry}/discovery`, without credentials. */
  | { readonly kind: 'orchestrators'; readonly urls: readonly string[] };

/** One GET that a source stands for. */
export interface ListRequest {
  readonly kind: DiscoveryFailure['kind'];
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

// Filters stay readable: `/` inside a value is not percent-encoded (client.md section 1.1).
const withFilter = (url: string, name: string, value: string | undefined): string => {
  if (value === undefined) return url;
  const [base = url, fragment] = url.split('#', 2);
  const filter = `${name}=${encodeURIComponent(value).replaceAll('%2F', '/')}`;
  const joined = `${base}${base.includes('?') ? '&' : '?'}${filter}`;
  return fragment === undefined ? joined : `${joined}#${fragment}`;
};

const requestsOf = (source: DiscoverySource, app: string | undefined): (() => ListRequest)[] => {
  switch (source.kind) {
    case 'signer':
      return [
        () => ({
          kind: 'signer',
          url: withFilter(originUrl(source.url, '/discover-orchestrators'), 'caps', app),
          headers: source.headers ?? {},
        }),
      ];
    case 'url':
      return [
        () => {
          const text = source.url.trim();
          parseAddress(text);
          const url = text.includes('://') ? text : `https://${text}`;
          return { kind: 'url', url: withFilter(url, 'app', app), headers: source.headers ?? {} };
        },
      ];
    case 'orchestrators':
      return source.urls
        .filter((url) => url.trim() !== '')
        .map((url) => () => ({ kind: 'orchestrator', url: joinUrl(url, '/discovery'), headers: {} }));
  }
};

/**
 * The requests of all sources in order. `app` is passed on as a filter where the source may understand it; every
 * answer is filtered again locally.
 */
export function listRequests(
  sources: readonly DiscoverySource[],
  app?: string,
): { readonly requests: readonly ListRequest[]; readonly failures: readonly DiscoveryFailure[] } {
  const requests: ListRequest[] = [];
  const failures: DiscoveryFailure[] = [];
  for (const source of sources) {
    for (const make of requestsOf(source, app)) {
      try {
        requests.push(make());
      } catch (error) {
        if (!(error instanceof AddressError)) throw error;
        const kind = source.kind === 'orchestrators' ? 'orchestrator' : source.kind;
        failures.push({ kind, url: '', code: 'invalid-address', message: error.message, cause: error });
      }
    }
  }
  return { requests, failures };
}
