import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';

/** A whole answer. */
export interface BareAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A POST whose body is written step by step, over bare `node:http`. */
export interface BarePost {
  readonly request: ClientRequest;
  readonly answer: Promise<BareAnswer>;
}

const collect = async (response: IncomingMessage): Promise<BareAnswer> => {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: Buffer.concat(parts).toString(),
  };
};

/** Resolves when the server has the headers of a request: it sends them and waits for a turn of the server. */
export const openPost = (url: string, headers: Record<string, string> = {}): BarePost => {
  const request = httpRequest(url, { method: 'POST', headers, agent: false });
  const answer = new Promise<BareAnswer>((resolve, reject) => {
    request.once('response', (response) => void collect(response).then(resolve, reject));
    request.once('error', reject);
  });
  // Read by the tests that care; others only break the connection.
  answer.catch(() => {});
  request.flushHeaders();
  return { request, answer };
};

/** One request with a whole body, on its own connection. */
export const call = (
  method: string,
  url: string,
  {
    body,
    headers = {},
    signal,
  }: { body?: string; headers?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<BareAnswer> =>
  new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers, agent: false, ...(signal ? { signal } : {}) });
    request.once('response', (response) => void collect(response).then(resolve, reject));
    request.once('error', reject);
    request.end(body);
  });

/** Opens a GET and gives the response as soon as its headers come. */
export const openGet = (url: string): { request: ClientRequest; response: Promise<IncomingMessage> } => {
  const request = httpRequest(url, { method: 'GET', agent: false });
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve);
    request.once('error', reject);
  });
  response.catch(() => {});
  request.end();
  return { request, response };
};

/** Reads the next chunk of a response as text. */
export const nextChunk = (response: IncomingMessage): Promise<string> =>
  new Promise((resolve, reject) => {
    response.once('data', (chunk: Buffer) => {
      response.pause();
      resolve(chunk.toString());
    });
    response.once('error', reject);
    response.resume();
  });
