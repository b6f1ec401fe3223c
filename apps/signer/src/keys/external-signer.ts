import { bytesToHex, type Hex, hexToBytes, type MessageSigner, verifyMessage } from '@lp/pm';
import { type Clock, type Transport, TransportError } from '@lp/runtime';

/** The signing service gave no signature. Callers may try again; `reason` is for the operator. */
export class ExternalSignerError extends Error {
  override readonly name = 'ExternalSignerError';
  readonly code = 'signing-unavailable';
  /** Ends a start with the message alone: whoever runs the signer may start it again. */
  readonly exitCode = 1;
}

/** Where the service is. */
export interface ExternalSignerOptions {
  readonly url: string;
  /** The account to sign with; `undefined` where the service has one only. */
  readonly account: Hex | undefined;
  /** Sent with every request, lower-case names; may be credentials. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly transport: Transport;
  readonly clock: Clock;
}

const TIMEOUT_MS = 3000;
const MAX_ANSWER_BYTES = 1 << 20;
/** Requests under way at once where the service takes one message each. */
const PARALLEL = 16;
const SELF_CHECK = new TextEncoder().encode('lp-signer self-check');

/**
 * Signs through `eth_sign` of a service that holds the key, such as Web3Signer: it adds the prefix of EIP-191 itself.
 * One batch of JSON-RPC per call where the service takes batches, else one request per message, some at a time. Signs a
 * message twice at once, to see that the key is the account's, that its signatures are always the same ones, and whether
 * batches work; checks every signature after that.
 *
 * Signatures of a random nonce, as most KMS and HSM make them, are refused: an answer that is asked for again would be
 * other tickets on the same charge, and a caller could ask until they win.
 *
 * @throws ExternalSignerError here, and from `signMessages` whatever goes wrong.
 */
export async function externalSigner(options: ExternalSignerOptions): Promise<MessageSigner> {
  const address = options.account ?? (await onlyAccount(options));
  const sign = async (messages: readonly Uint8Array[], batch: boolean, signal?: AbortSignal) => {
    const calls = messages.map((message) => ({ method: 'eth_sign', params: [address, bytesToHex(message)] }));
    const results = await (batch ? inOneBatch : oneByOne)(options, calls, signal);
    return results.map((result, index) => checkedSignature(result, messages[index], address));
  };
  const inBatch = await sign([SELF_CHECK, SELF_CHECK], true).catch(() => undefined);
  const [once, again] = inBatch ?? (await sign([SELF_CHECK, SELF_CHECK], false));
  if (once === undefined || again === undefined || bytesToHex(once) !== bytesToHex(again)) {
    throw new ExternalSignerError(
      'the signing service signs the same message differently each time: its key must sign deterministically (RFC 6979)',
    );
  }
  const batch = inBatch !== undefined;
  return {
    address,
    signMessages: (messages, { signal } = {}) => sign(messages, batch && messages.length > 1, signal),
  };
}

interface RpcCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

async function inOneBatch(options: ExternalSignerOptions, calls: readonly RpcCall[], signal?: AbortSignal) {
  const answers = await post(
    options,
    calls.map((call, id) => ({ jsonrpc: '2.0', id, ...call })),
    signal,
  );
  if (!Array.isArray(answers)) throw new ExternalSignerError('the signing service takes no batches');
  const byId = new Map(answers.map((answer: unknown) => [(answer as { id?: unknown } | null)?.id, answer]));
  return calls.map((_call, id) => resultOf(byId.get(id)));
}

async function oneByOne(options: ExternalSignerOptions, calls: readonly RpcCall[], signal?: AbortSignal) {
  const results: unknown[] = [];
  const queue = calls.entries();
  const worker = async () => {
    for (const [id, call] of queue) {
      results[id] = resultOf(await post(options, { jsonrpc: '2.0', id, ...call }, signal));
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, calls.length) }, worker));
  return results;
}

async function post(options: ExternalSignerOptions, body: unknown, signal?: AbortSignal): Promise<unknown> {
  try {
    const response = await options.transport.request({
      method: 'POST',
      url: options.url,
      headers: { 'content-type': 'application/json', ...options.headers },
      body: JSON.stringify(body),
      timeoutMs: TIMEOUT_MS,
      maxBodyBytes: MAX_ANSWER_BYTES,
      ...(signal !== undefined && { signal }),
    });
    if (response.status !== 200)
      throw new ExternalSignerError(
        `the signing service answered ${response.status}; check LP_SIGNER_EXTERNAL_SIGNER_URL`,
      );
    return JSON.parse(new TextDecoder().decode(response.body)) as unknown;
  } catch (error) {
    if (error instanceof ExternalSignerError) throw error;
    signal?.throwIfAborted();
    // without the cause: it carries the URL, and that may carry a secret
    const reason = error instanceof TransportError ? error.code : 'its answer is not JSON';
    throw new ExternalSignerError(
      `the signing service cannot be used: ${reason}; check LP_SIGNER_EXTERNAL_SIGNER_URL`,
    );
  }
}

function resultOf(answer: unknown): unknown {
  const { result, error } = (answer ?? {}) as { result?: unknown; error?: { message?: unknown } };
  if (error !== undefined && error !== null) {
    throw new ExternalSignerError(`the signing service refuses: ${String(error.message).slice(0, 200)}`);
  }
  return result;
}

async function onlyAccount(options: ExternalSignerOptions): Promise<Hex> {
  const accounts = resultOf(
    await post(options, { jsonrpc: '2.0', id: 0, method: 'eth_accounts', params: [] }),
  );
  const [account, ...others] = Array.isArray(accounts) ? (accounts as unknown[]) : [];
  if (typeof account === 'string' && /^0x[0-9a-f]{40}$/i.test(account) && others.length === 0) {
    return account.toLowerCase() as Hex; // the pattern above
  }
  throw new ExternalSignerError('the signing service has not exactly one account: set LP_SIGNER_ACCOUNT');
}

/** 65 bytes with v 27 or 28 and a low s, by the account. */
function checkedSignature(result: unknown, message: Uint8Array | undefined, address: Hex): Uint8Array {
  if (typeof result !== 'string' || !/^0x[0-9a-f]{130}$/i.test(result) || message === undefined) {
    throw new ExternalSignerError('the signing service gave no signature of 65 bytes');
  }
  const signature = canonical(hexToBytes(result as Hex, 65)); // the pattern above
  if (!verifyMessage(address, message, signature)) {
    throw new ExternalSignerError(
      `the signing service does not sign as ${address} with the prefix of eth_sign: check LP_SIGNER_ACCOUNT`,
    );
  }
  return signature;
}

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** Some services count v from 0, some give the high of the two values of s. */
function canonical(signature: Uint8Array): Uint8Array {
  const v = signature[64] ?? 0;
  signature[64] = v < 27 ? v + 27 : v;
  const s = BigInt(bytesToHex(signature.subarray(32, 64)));
  if (s <= ORDER / 2n || s >= ORDER) return signature;
  signature.set(hexToBytes(`0x${(ORDER - s).toString(16).padStart(64, '0')}`, 32), 32);
  signature[64] = 27 + (28 - signature[64]);
  return signature;
}
