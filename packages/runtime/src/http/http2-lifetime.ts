import { subscribe } from 'node:diagnostics_channel';

/** Keeps the held value, a session's native half, until the registered one, a stream's, was collected. */
const streams = new FinalizationRegistry<object>(() => {});
let watching = false;

/**
 * Makes Node collect HTTP/2 sessions after their streams. A peer that breaks off in the middle of its header fields leaves
 * some with the native half of the stream; where the session's is collected first, Node (24) finds its memory not returned and
 * aborts the process: `Assertion failed: (current_nghttp2_memory_) == (0)`. Any peer could end any client that way.
 */
export function outliveStreams(): void {
  if (watching) return;
  watching = true;
  subscribe('http2.client.stream.start', (message) => {
    const { stream } = message as { readonly stream: { readonly session?: object } };
    const [handle, session] = [nativeHalf(stream), nativeHalf(stream.session ?? {})];
    if (handle !== undefined && session !== undefined) streams.register(handle, session);
  });
}

/** What `node:http2` keeps in an object under a symbol of its own, `kHandle`. */
export function nativeHalf(owner: object): object | undefined {
  const key = Object.getOwnPropertySymbols(owner).find(({ description }) => description === 'kHandle');
  const half: unknown = key === undefined ? undefined : (owner as Record<symbol, unknown>)[key];
  return typeof half === 'object' && half !== null ? half : undefined;
}
