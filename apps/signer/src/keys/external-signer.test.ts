import { bytesToHex, hashMessage, hexToBytes, privateKeySigner, verifyMessage } from '@lp/pm';
import { systemClock, TransportError } from '@lp/runtime';
import { type RouteHandler, routeTransport, simulatedClock } from '@lp/runtime/testing';
import { SigningKey } from 'ethers';
import { expect, test } from 'vitest';
import { externalSigner } from './external-signer.ts';

const URL_ = 'http://web3signer.example:9000/?token=hidden';
const key = privateKeySigner(`0x${'1'.padStart(64, '0')}`);
const other = privateKeySigner(`0x${'2'.padStart(64, '0')}`);
const account = key.address;
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

interface Call {
  readonly id: number;
  readonly method: string;
  readonly params: readonly string[];
}

/** A service that signs as Web3Signer does; `change` makes it another. */
function service(change: {
  readonly batches?: boolean;
  readonly signer?: typeof key;
  readonly accounts?: readonly string[];
  readonly tamper?: (signature: Uint8Array) => Uint8Array | string;
  readonly reverse?: boolean;
}) {
  const bodies: unknown[] = [];
  const { batches = true, signer = key, tamper = (signature: Uint8Array) => signature } = change;
  const answer = async ({ id, method, params }: Call) => {
    if (method === 'eth_accounts') return { jsonrpc: '2.0', id, result: change.accounts ?? [account] };
    expect(method).toBe('eth_sign');
    if (params[0] !== account)
      return { jsonrpc: '2.0', id, error: { code: -32000, message: 'no such account' } };
    const [signature] = await signer.signMessages([hexToBytes(params[1] as `0x${string}`)]);
    const changed = tamper(Uint8Array.from(signature!));
    return { jsonrpc: '2.0', id, result: typeof changed === 'string' ? changed : bytesToHex(changed) };
  };
  const serve: RouteHandler = async ({ body }) => {
    const question = JSON.parse(String(body)) as Call | Call[];
    bodies.push(question);
    if (!Array.isArray(question)) return { body: JSON.stringify(await answer(question)) };
    if (!batches) return { status: 400, body: 'no batches' };
    const answers = await Promise.all(question.map(answer));
    return { body: JSON.stringify(change.reverse ? answers.toReversed() : answers) };
  };
  const open = (named: typeof account | 'only' = account) =>
    externalSigner({
      url: URL_,
      account: named === 'only' ? undefined : named,
      transport: routeTransport(serve),
      clock: systemClock,
    });
  return { bodies, open };
}

const messages = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte));

test.each([
  ['in one batch', { batches: true }, 1],
  ['in one batch, answered in another order', { reverse: true }, 1],
  ['one by one where the service takes no batches', { batches: false }, 3],
])('signs %s, as the key itself would', async (_name, change, requests) => {
  const { bodies, open } = service(change);
  const signer = await open();
  bodies.length = 0;
  const [mine, theirs] = await Promise.all([signer.signMessages(messages), key.signMessages(messages)]);
  expect(mine).toEqual(theirs);
  expect(bodies).toHaveLength(requests);
});

test('v from 0 and a high s are brought to the form that contracts take', async () => {
  const { open } = service({
    tamper: (signature) => {
      const s = ORDER - BigInt(bytesToHex(signature.subarray(32, 64)));
      signature.set(hexToBytes(`0x${s.toString(16).padStart(64, '0')}`, 32), 32);
      signature[64] = signature[64] === 27 ? 1 : 0;
      return signature;
    },
  });
  const signer = await open();
  const [signature] = await signer.signMessages([messages[0]!]);
  expect(verifyMessage(account, messages[0]!, signature!)).toBe(true);
  expect(await key.signMessages([messages[0]!])).toEqual([signature]);
});

test('the only account needs no name, several do', async () => {
  expect((await service({}).open('only')).address).toBe(account);
  await expect(service({ accounts: [account, other.address] }).open('only')).rejects.toThrow(
    'LP_SIGNER_ACCOUNT',
  );
  await expect(service({ accounts: [] }).open('only')).rejects.toThrow('LP_SIGNER_ACCOUNT');
});

test.each<[string, Parameters<typeof service>[0]]>([
  ['another key', { signer: other }],
  ['a short signature', { tamper: (signature) => signature.subarray(0, 64) }],
  ['no hex', { tamper: () => 'signed!' }],
  ['a flipped bit', { tamper: (signature) => signature.with(3, signature[3]! ^ 1) }],
])('%s is found at the start', async (_name, change) => {
  await expect(service(change).open()).rejects.toMatchObject({ code: 'signing-unavailable' });
  await expect(service({ ...change, batches: false }).open()).rejects.toMatchObject({
    code: 'signing-unavailable',
  });
});

/** Signs with the private key 1 and a nonce that was not used before, as a KMS does. */
function randomly(message: Uint8Array, nonce: bigint): Uint8Array {
  const { x, y } = pointOf(nonce);
  let s = (inverse(nonce) * (BigInt(bytesToHex(hashMessage(message))) + x)) % ORDER;
  let v = y % 2n === 0n ? 27 : 28;
  if (s > ORDER / 2n) [s, v] = [ORDER - s, 55 - v];
  const signature = hexToBytes(
    `0x${[x, s].map((word) => word.toString(16).padStart(64, '0')).join('')}00`,
    65,
  );
  return signature.fill(v, 64);
}

function pointOf(nonce: bigint): { readonly x: bigint; readonly y: bigint } {
  const point = SigningKey.computePublicKey(`0x${nonce.toString(16).padStart(64, '0')}`, false);
  return { x: BigInt(`0x${point.slice(4, 68)}`), y: BigInt(`0x${point.slice(68)}`) };
}

function inverse(value: bigint): bigint {
  let [result, base, power] = [1n, value, ORDER - 2n];
  for (; power > 0n; power >>= 1n) {
    if (power & 1n) result = (result * base) % ORDER;
    base = (base * base) % ORDER;
  }
  return result;
}

test.each([true, false])(
  'a key that signs with a random nonce is refused: a repeated answer would be other tickets (batches: %s)',
  async (batches) => {
    let nonce = 7n;
    const { open } = service({
      batches,
      signer: { address: account, signMessages: async ([message]) => [randomly(message!, nonce++)] },
    });
    expect(verifyMessage(account, messages[0]!, randomly(messages[0]!, 5n))).toBe(true);
    await expect(open()).rejects.toMatchObject({
      code: 'signing-unavailable',
      message: expect.stringContaining('deterministically') as string,
    });
  },
);

test('a service that is away or hangs is told without its URL', async () => {
  const transport = routeTransport(({ url }) => {
    throw new TransportError('connect', `no route to ${url}`, { url, sent: false });
  });
  await expect(externalSigner({ url: URL_, account, transport, clock: systemClock })).rejects.toMatchObject({
    exitCode: 1,
    code: 'signing-unavailable',
    message: expect.not.stringContaining('hidden'),
  });
  const clock = simulatedClock();
  const hanging = routeTransport(() => new Promise(() => {}), { clock });
  const opening = externalSigner({ url: URL_, account, transport: hanging, clock });
  const outcome = expect(opening).rejects.toMatchObject({ code: 'signing-unavailable' });
  await clock.advance(3000);
  await clock.advance(3000);
  await outcome;
});

test('a call that is given up rejects with its reason', async () => {
  const { open } = service({});
  const signer = await open();
  const reason = new Error('given up');
  await expect(signer.signMessages(messages, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});
