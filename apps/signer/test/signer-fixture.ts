import { type MessageSigner, privateKeySigner } from '@lp/pm';
import { encodeBase64, encodeOrchestratorInfo, type OrchestratorInfo } from '@lp/protocol';
import { systemClock, type Transport } from '@lp/runtime';
import { routeTransport } from '@lp/runtime/testing';
import { createLogger, loadConfig } from '@lp/service';
import { options } from '../src/options.ts';
import { type SignerPorts, startSigner } from '../src/start-signer.ts';
import { type StubChain, stubChain } from './stub-chain.ts';

/** A signer on real sockets, over a stub chain. */
export interface TestSigner extends AsyncDisposable {
  readonly url: string;
  readonly adminUrl: string;
  readonly chain: StubChain;
  /** Posts JSON; the body may be text to be sent as it is. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Everything that was logged. */
  readonly lines: string[];
}

/** An HTTP answer, read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // The tests say what they expect; the compiler cannot know.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly json: any;
}

/** Private key 1. */
export const KEY = `0x${'1'.padStart(64, '0')}` as const;

/** Starts a signer with key 1; `flags` are options as on the command line. */
export async function startTestSigner(
  settings: {
    flags?: readonly string[];
    env?: Readonly<Record<string, string>>;
    transport?: Transport;
    ports?: Partial<SignerPorts>;
  } = {},
): Promise<TestSigner> {
  const chain = stubChain();
  const loaded = loadConfig(options, {
    argv: [
      '--port',
      '0',
      '--admin-port',
      '0',
      '--rpc-url',
      'http://127.0.0.1:1',
      '--ledger',
      'none',
      // any readable files: the key comes from the port
      '--keystore-file',
      import.meta.filename,
      '--password-file',
      import.meta.filename,
      ...(settings.flags ?? []),
    ],
    env: settings.env ?? {},
  });
  if (loaded.kind !== 'run') throw new Error(loaded.text);
  const lines: string[] = [];
  const log = createLogger({
    name: 'test',
    level: 'debug',
    destination: { write: (line) => void lines.push(line) },
  });
  const signer: MessageSigner = privateKeySigner(KEY);
  const transport = settings.transport ?? routeTransport(() => ({ status: 404 }));
  const running = await startSigner(loaded.config, { signer, chain, transport, ...settings.ports }, { log });
  return {
    url: running.url,
    adminUrl: running.also?.['admin'] ?? '',
    chain,
    lines,
    // fetch takes bytes as well; its type for them is not in the compiler's library
    post: (path, body, headers = {}) =>
      call(`${running.url}${path}`, {
        method: 'POST',
        body:
          typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
        headers,
      }),
    [Symbol.asyncDispose]: () => running.close(AbortSignal.timeout(1000)),
  };
}

/** One HTTP call over a socket of its own. */
export async function call(url: string, init: RequestInit = {}): Promise<Answer> {
  const headers = new Headers(init.headers);
  headers.set('connection', 'close');
  const response = await fetch(url, { ...init, headers });
  const text = await response.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status: response.status, headers: response.headers, text, json };
}

let offers = 0;

/** An offer of 3 wei a second with tickets of 35 wei, good for half an hour; each one with ticket params of its own. */
export function offer(change: Partial<OrchestratorInfo> = {}): OrchestratorInfo {
  return {
    transcoder: 'https://orchestrator.example:8935',
    address: `0x${'aa'.repeat(20)}`,
    ticketParams: {
      recipient: `0x${'bb'.repeat(20)}`,
      faceValue: 105n,
      winProb: (2n ** 256n - 1n) / 3n,
      recipientRandHash: `0x${(++offers).toString(16).padStart(64, '0')}`,
      seed: 7n,
      expirationBlock: 1040n,
      expirationParams: { creationRound: 9n, creationRoundBlockHash: `0x${'22'.repeat(32)}` },
    },
    priceInfo: { pricePerUnit: 3n, pixelsPerUnit: 1n },
    authToken: {
      token: new Uint8Array(32).fill(5),
      sessionId: '9f8e7d6c',
      expiration: BigInt(Math.floor(systemClock.wallMs() / 1000)) + 1800n,
    },
    ...change,
  };
}

/** The offer as the request field. */
export function offerText(change: Partial<OrchestratorInfo> = {}): string {
  return encodeBase64(encodeOrchestratorInfo(offer(change)));
}
