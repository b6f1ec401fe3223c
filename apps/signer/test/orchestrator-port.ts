import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { encodeOrchestratorInfo, type OrchestratorInfo } from '@lp/protocol';
import { framed } from './grpc-reply.ts';

/** An orchestrator as a Go node is one: gRPC and HTTP/1.1 on one port, under a certificate of its own. */
export interface OrchestratorPort extends AsyncDisposable {
  readonly url: string;
  /** Messages that `GetOrchestrator` was asked with, without the bytes in front. */
  readonly asked: Uint8Array[];
}

/** What it says; a function, since it names itself. */
export interface Sayings {
  /** Body of `/discovery`; absent: 404. */
  readonly runners?: string;
  readonly info?: OrchestratorInfo;
}

/** Starts one on loopback. */
export async function startOrchestratorPort(
  tls: { readonly cert: string; readonly key: string },
  say: (url: string) => Sayings,
): Promise<OrchestratorPort> {
  const asked: Uint8Array[] = [];
  const server = createSecureServer({ ...tls, allowHTTP1: true }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(request, response, Buffer.concat(chunks)));
  });
  const answer = (request: Http2ServerRequest, response: Http2ServerResponse, body: Buffer): void => {
    const { runners, info } = say(url);
    const isCall = request.url === '/net.Orchestrator/GetOrchestrator' && request.httpVersion === '2.0';
    if (isCall && request.headers['content-type'] === 'application/grpc' && info !== undefined) {
      asked.push(Uint8Array.from(body.subarray(5)));
      response.writeHead(200, { 'content-type': 'application/grpc' });
      response.write(framed(encodeOrchestratorInfo(info)));
      response.addTrailers({ 'grpc-status': '0' });
      response.end();
      return;
    }
    const list = request.url === '/discovery' ? runners : undefined;
    response.writeHead(list === undefined ? 404 : 200).end(list ?? '');
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP server has one
  return { url, asked, [Symbol.asyncDispose]: async () => void server.close() };
}
