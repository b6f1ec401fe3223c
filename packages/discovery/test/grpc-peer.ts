import {
  type handleUnaryCall,
  type Metadata,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  status,
} from '@grpc/grpc-js';

/** What an orchestrator of the tests saw. */
export interface SeenCall {
  readonly bytes: Uint8Array;
  readonly metadata: Metadata;
  readonly deadlineMs: number;
}

/** Encoded `OrchestratorInfo`, a refusal, or no answer until the peer stops. */
export type PeerAnswer = Uint8Array | { readonly code: status; readonly message: string } | 'silence';

/** An orchestrator's gRPC side, by another implementation of gRPC than ours: messages are bytes to it. */
export interface GrpcPeer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly calls: SeenCall[];
  stop(): void;
}

const asIs = (bytes: Buffer): Buffer => bytes;

/** Starts one on loopback; over TLS with a certificate. `method` is what it has instead of `GetOrchestrator`. */
export async function startGrpcPeer(
  answer: (call: SeenCall) => PeerAnswer,
  {
    tls,
    port = 0,
    method = 'GetOrchestrator',
  }: { tls?: { cert: string; key: string } | undefined; port?: number; method?: string } = {},
): Promise<GrpcPeer> {
  const calls: SeenCall[] = [];
  const handle: handleUnaryCall<Buffer, Buffer> = (call, callback) => {
    const seen = {
      bytes: Uint8Array.from(call.request),
      metadata: call.metadata,
      deadlineMs: Number(call.getDeadline()),
    };
    calls.push(seen);
    const reply = answer(seen);
    if (reply === 'silence') return;
    if (reply instanceof Uint8Array) callback(null, Buffer.from(reply));
    else callback(reply);
  };
  const service: ServiceDefinition = {
    [method]: {
      path: `/net.Orchestrator/${method}`,
      requestStream: false,
      responseStream: false,
      requestSerialize: asIs,
      requestDeserialize: asIs,
      responseSerialize: asIs,
      responseDeserialize: asIs,
    },
  };
  const server = new Server();
  server.addService(service, { [method]: handle });
  const credentials =
    tls === undefined
      ? ServerCredentials.createInsecure()
      : ServerCredentials.createSsl(null, [
          { private_key: Buffer.from(tls.key), cert_chain: Buffer.from(tls.cert) },
        ]);
  const bound = await new Promise<number>((resolve, reject) =>
    server.bindAsync(`127.0.0.1:${port}`, credentials, (error, at) => (error ? reject(error) : resolve(at))),
  );
  const stop = (): void => server.forceShutdown();
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${bound}`,
    port: bound,
    calls,
    stop,
    [Symbol.asyncDispose]: async () => stop(),
  };
}
