import { TransportError } from '@lp/runtime';
import { type RouteHandler, routeTransport, simulatedClock } from '@lp/runtime/testing';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeAll, expect, test } from 'vitest';
import { jwtAuthenticator } from '../src/access/jwt-authenticator.ts';
import { remoteKeySet } from '../src/access/remote-key-set.ts';
import { startTestSigner } from './signer-fixture.ts';

const ISSUER = 'https://issuer.example';
const KEYS = 'https://issuer.example/.well-known/jwks.json';

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;
let first: Pair;
let second: Pair;
let rsa: Pair;
beforeAll(async () => {
  [first, second, rsa] = await Promise.all([
    generateKeyPair('ES256'),
    generateKeyPair('ES256'),
    generateKeyPair('RS256'),
  ]);
});

async function published(pairs: Record<string, Pair>, alg = 'ES256'): Promise<string> {
  const keys = await Promise.all(
    Object.entries(pairs).map(async ([kid, pair]) => ({ ...(await exportJWK(pair.publicKey)), kid, alg })),
  );
  return JSON.stringify({ keys });
}

interface Claims {
  readonly kid?: string;
  readonly sub?: unknown;
  readonly iss?: string;
  readonly aud?: string;
  readonly exp?: number;
  readonly nbf?: number;
  readonly alg?: string;
}

const NOW_SECONDS = 1_800_000_000;

function token(pair: Pair, claims: Claims = {}): Promise<string> {
  const { kid = '1', sub = 'alice', iss = ISSUER, aud = 'lp-signer', exp = NOW_SECONDS + 600 } = claims;
  const { nbf, alg = 'ES256' } = claims;
  return new SignJWT({ sub: sub as string, iss, aud, exp, ...(nbf !== undefined && { nbf }) })
    .setProtectedHeader({ alg, kid })
    .sign(pair.privateKey);
}

/** An issuer whose answers and outages the test decides. */
async function issuer() {
  const clock = simulatedClock({ startMs: NOW_SECONDS * 1000 });
  const state = { body: await published({ '1': first }), down: false, reads: 0 };
  const serve: RouteHandler = ({ url }) => {
    state.reads++;
    if (state.down) throw new TransportError('connect', 'no route', { url, sent: false });
    return url === KEYS ? { body: state.body } : { status: 404 };
  };
  const authenticator = jwtAuthenticator({
    issuer: ISSUER,
    audience: 'lp-signer',
    algorithms: ['ES256'],
    clockToleranceSeconds: 30,
    identityClaim: 'sub',
    keys: remoteKeySet({ url: KEYS, transport: routeTransport(serve, { clock }), clock }),
    clock,
  });
  const identify = (jwt: string) => authenticator.identify({ authorization: `Bearer ${jwt}` });
  return { clock, state, identify };
}

test('a good token names its caller, and the keys are read once', async () => {
  const { state, identify } = await issuer();
  expect(state.reads).toBe(0);
  const jwt = await token(first);
  const callers = await Promise.all([identify(jwt), identify(jwt), identify(jwt)]);
  for (const caller of callers) expect(caller).toEqual({ identity: 'jwt:alice', by: 'jwt' });
  expect(state.reads).toBe(1);
});

test.each<[string, Claims]>([
  ['another issuer', { iss: 'https://evil.example' }],
  ['another audience', { aud: 'lp-gateway' }],
  ['expired beyond the tolerance', { exp: NOW_SECONDS - 31 }],
  ['not yet valid', { nbf: NOW_SECONDS + 31 }],
  ['no text as subject', { sub: 7 }],
  ['a subject with line breaks', { sub: 'a\nb' }],
  ['an empty subject', { sub: '' }],
])('%s does not hold', async (_name, claims) => {
  const { identify } = await issuer();
  expect(await identify(await token(first, claims))).toBeUndefined();
});

test('clocks may differ within the tolerance', async () => {
  const { identify } = await issuer();
  expect(await identify(await token(first, { exp: NOW_SECONDS - 29 }))).toBeDefined();
});

test('a token without expiry, by another key, without signature or with a shared secret does not hold', async () => {
  const { state, identify } = await issuer();
  expect(await identify(await token(second))).toBeUndefined();
  const { exp: _none, ...claims } = { iss: ISSUER, aud: 'lp-signer', sub: 'alice', exp: 0 };
  const endless = new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: '1' });
  expect(await identify(await endless.sign(first.privateKey))).toBeUndefined();
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const payload = part({ ...claims, exp: NOW_SECONDS + 600 });
  expect(await identify(`${part({ alg: 'none' })}.${payload}.`)).toBeUndefined();
  const shared = new SignJWT({ ...claims, exp: NOW_SECONDS + 600 }).setProtectedHeader({
    alg: 'HS256',
    kid: '1',
  });
  expect(await identify(await shared.sign(new TextEncoder().encode(state.body)))).toBeUndefined();
  expect(await identify('a.b.c')).toBeUndefined();
  expect(await identify(`${'a'.repeat(9000)}.b.c`)).toBeUndefined();
});

test('an algorithm that is not listed does not hold, although the issuer publishes its key', async () => {
  const { state, identify } = await issuer();
  state.body = await published({ '1': rsa }, 'RS256');
  expect(await identify(await token(rsa, { alg: 'RS256' }))).toBeUndefined();
});

test('a new key is found when a token names it, and made-up key ids read at most every 15 seconds', async () => {
  const { clock, state, identify } = await issuer();
  expect(await identify(await token(first))).toBeDefined();
  state.body = await published({ '1': first, '2': second });
  const rotated = await token(second, { kid: '2' });
  expect(await identify(rotated)).toBeUndefined(); // read a moment ago
  await clock.advance(15_000);
  expect(await identify(rotated)).toMatchObject({ identity: 'jwt:alice' });
  expect(state.reads).toBe(2);
  for (let i = 0; i < 20; i++)
    expect(await identify(await token(second, { kid: `made-up-${i}` }))).toBeUndefined();
  expect(state.reads).toBe(2);
});

test('a withdrawn key stops to hold when the set is read again', async () => {
  const { clock, state, identify } = await issuer();
  const jwt = await token(first, { exp: NOW_SECONDS + 36_000 });
  expect(await identify(jwt)).toBeDefined();
  state.body = await published({ '2': second });
  await clock.advance(600_000);
  expect(await identify(jwt)).toBeUndefined();
});

test('an issuer that is down: known keys hold for an hour, then 503 and not 401', async () => {
  const { clock, state, identify } = await issuer();
  const jwt = await token(first, { exp: NOW_SECONDS + 36_000 });
  expect(await identify(jwt)).toBeDefined();
  state.down = true;
  await clock.advance(3_599_000);
  expect(await identify(jwt)).toBeDefined();
  await clock.advance(1000);
  await expect(identify(jwt)).rejects.toMatchObject({ status: 503, code: 'issuer-unavailable' });
  state.down = false;
  await clock.advance(15_000);
  expect(await identify(jwt)).toBeDefined();
});

test('garbage from the issuer is its fault', async () => {
  const noPoint = { kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA', kid: '1', alg: 'ES256' };
  for (const body of ['<html>', '{}', '{"keys":7}', JSON.stringify({ keys: [noPoint] })]) {
    const { state, identify } = await issuer();
    state.body = body;
    await expect(identify(await token(first))).rejects.toMatchObject({ status: 503 });
  }
});

test('through the API: 200 with a token, 401 without, and options that belong together', async () => {
  const serve: RouteHandler = async ({ url }) =>
    url === KEYS ? { body: await published({ '1': first }) } : { status: 404 };
  const flags = ['--jwt-issuer', ISSUER, '--jwt-audience', 'lp-signer', '--host', '0.0.0.0'];
  await using signer = await startTestSigner({ flags, transport: routeTransport(serve) });
  const jwt = await token(first, { exp: Math.floor(performance.timeOrigin / 1000) + 3600 });
  const login = (headers: Record<string, string>) => signer.post('/sign-orchestrator-info', '', headers);
  expect(await login({ authorization: `Bearer ${jwt}` })).toMatchObject({ status: 200 });
  expect(await login({})).toMatchObject({ status: 401 });
  expect(signer.lines.join('')).not.toContain(jwt);
  for (const odd of [
    ['--jwt-issuer', ISSUER],
    ['--jwt-audience', 'a'],
    [...flags, '--jwt-algorithms', 'HS256'],
    ['--trusted-proxies', 'edge'],
  ]) {
    await expect(startTestSigner({ flags: odd })).rejects.toMatchObject({ exitCode: 2 });
  }
});
