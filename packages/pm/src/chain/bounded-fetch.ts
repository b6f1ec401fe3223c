import type { FetchGetUrlFunc } from 'ethers';

/**
 * Sends a request of ethers and reads at most `maxBytes` of the answer: ethers itself reads whatever comes. Redirects are
 * left to ethers.
 */
export const boundedFetch =
  (maxBytes: number): FetchGetUrlFunc =>
  async (request, cancel) => {
    const cancelled = new AbortController();
    cancel?.addListener(() => cancelled.abort(new Error('the request was cancelled')));
    const response = await fetch(request.url, {
      method: request.method,
      headers: request.headers,
      body: request.body as Uint8Array<ArrayBuffer> | null, // ethers never hands out shared memory
      redirect: 'manual',
      signal: AbortSignal.any([cancelled.signal, AbortSignal.timeout(request.timeout)]),
    });
    return {
      statusCode: response.status,
      statusMessage: response.statusText,
      headers: Object.fromEntries(response.headers),
      body: await readAtMost(maxBytes, response),
    };
  };

async function readAtMost(maxBytes: number, { body }: Response): Promise<Uint8Array> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > maxBytes) throw new Error(`the answer has more than ${maxBytes} bytes`); // ends the connection
    chunks.push(chunk);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
