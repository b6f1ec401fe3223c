import { type HttpRequest, type Transport, TransportError } from '@lp/runtime';

/**
 * A transport for orchestrators, whose certificates are either of an authority, and then change with every renewal, or
 * self-signed, and then stay: the first kind is verified, the second pinned on first use. A host that was verified once
 * is never pinned after, so that nobody in between can make a self-signed certificate do.
 */
export function verifiedOrPinned(transports: {
  readonly verify: Transport;
  readonly pin: Transport;
}): Transport {
  const verified = new Set<string>();
  const through = async <T>(request: HttpRequest, send: (transport: Transport) => Promise<T>): Promise<T> => {
    const host = URL.parse(request.url)?.host ?? '';
    try {
      const answer = await send(transports.verify);
      if (request.url.startsWith('https:')) verified.add(host);
      return answer;
    } catch (error) {
      const unverified = error instanceof TransportError && error.code === 'tls' && !verified.has(host);
      if (!unverified) throw error;
      return send(transports.pin);
    }
  };
  return {
    request: (request) => through(request, (transport) => transport.request(request)),
    stream: (request) => through(request, (transport) => transport.stream(request)),
  };
}
