import type { ClosableTransport } from '@lp/runtime';

/** A transport of two: one for origins that the operator has named, one for those that peers name. */
export type SplitTransport = Required<Pick<ClosableTransport, 'request' | 'stream' | 'upload' | 'close'>>;

/**
 * Sends requests for `trusted` origins through `open` and all others through `guarded`: the operator may point to
 * private addresses, a peer may not point the gateway there (architecture.md section 9).
 */
export function splitTransport(parts: {
  readonly trusted: readonly string[];
  readonly open: ClosableTransport;
  readonly guarded: ClosableTransport;
}): SplitTransport {
  const origins = new Set(parts.trusted.map((url) => new URL(url).origin));
  const pick = (url: string): ClosableTransport => {
    const origin = URL.parse(url)?.origin;
    return origin !== undefined && origins.has(origin) ? parts.open : parts.guarded;
  };
  return {
    request: (request) => pick(request.url).request(request),
    stream: (request) => pick(request.url).stream(request),
    upload(request) {
      const transport = pick(request.url);
      if (transport.upload === undefined) throw new TypeError('this platform cannot upload piece by piece');
      return transport.upload(request);
    },
    async close() {
      await Promise.all([parts.open.close(), parts.guarded.close()]);
    },
  };
}
