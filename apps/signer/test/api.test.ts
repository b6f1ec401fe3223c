import { bytesToHex, hashMessage, loginMessage, recoverAddress } from '@lp/pm';
import { decodePaymentHeader, decodeSegmentHeader } from '@lp/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, offerText, startTestSigner, type TestSigner } from './signer-fixture.ts';

const LOGIN = {
  address: '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf',
  signature:
    '0x2e05f5b96d0c24dde6256c43b4dd51d50979d8a650510a52b1317a95e9eda00d3d716748cd06e78360e29fdfe091e0c6c5a3d7ae1fb408d0b746ebdd9fa6382a1c',
  lpFunding: { maxLeadMs: 3_600_000 },
} as const;

let signer: TestSigner;
beforeAll(async () => {
  signer = await startTestSigner();
});
afterAll(() => signer[Symbol.asyncDispose]());

const pay = (body: unknown, headers?: Record<string, string>) =>
  signer.post('/generate-live-payment', body, headers);

describe('POST /sign-orchestrator-info', () => {
  test.each([['{}'], ['']])('the documented answer, whatever the body: %j', async (body) => {
    const answer = await signer.post('/sign-orchestrator-info', body);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(answer.json).toEqual(LOGIN);
  });

  test('the signature is the sender', () => {
    const digest = hashMessage(loginMessage(LOGIN.address));
    expect(recoverAddress(digest, LOGIN.signature)).toBe(LOGIN.address.toLowerCase());
  });
});

describe('POST /generate-live-payment', () => {
  test('opens a session and goes on with the returned state, as documented', async () => {
    const first = await pay({ orchestrator: offerText(), type: 'live' });
    expect(first).toMatchObject({
      status: 200,
      json: { payment: expect.any(String), segCreds: expect.any(String) },
    });
    expect(first.headers.get('content-type')).toBe('application/json');
    expect(Object.keys(first.json.state)).toEqual(['State', 'Sig']);
    const state = JSON.parse(atob(first.json.state.State));
    expect(state).toMatchObject({ SenderNonce: 1, Balance: '5', SequenceNumber: 0, Type: 'live' });
    expect(state.StateID).toMatch(/^[0-9a-f]{32}$/);
    expect(decodePaymentHeader(first.json.payment).sender).toBe(LOGIN.address.toLowerCase());
    expect(decodeSegmentHeader(first.json.segCreds).manifestId).toBe('9f8e7d6c');

    const second = await pay({
      state: first.json.state,
      orchestrator: offerText({ ticketParams: { ...dear(), recipientRandHash: `0x${'12'.repeat(32)}` } }),
      ManifestID: '9f8e7d6c',
      type: 'live',
    });
    expect(second.status).toBe(200);
    expect(JSON.parse(atob(second.json.state.State))).toMatchObject({
      StateID: state.StateID,
      SequenceNumber: 1,
      SenderNonce: 1,
    });
  });

  test('keys in any case, nulls, unknown keys, no content type, and text after the value', async () => {
    const body = `${JSON.stringify({
      ORCHESTRATOR: offerText({ ticketParams: rand('21') }),
      manifestid: 'm.1_-',
      Type: '',
      INPIXELS: 10,
      state: null,
      Capabilities: null,
      maxprice: null,
      tomorrow: { state: 7 },
    })}\n{"type": 7} trailing`;
    const answer = await pay(new TextEncoder().encode(body), { 'content-type': 'text/whatever' });
    expect(answer.status).toBe(200);
    expect(decodeSegmentHeader(answer.json.segCreds).manifestId).toBe('m.1_-');
  });

  test.each(['application/json; charset=utf-16', 'multipart/form-data', '???', ';;'])(
    'the content type %j does not matter',
    async (type) => {
      expect(await pay('{}', { 'content-type': type })).toMatchObject({
        status: 400,
        json: { error: { code: 'missing-orchestrator' } },
      });
    },
  );

  test('an empty state opens a session too', async () => {
    for (const [index, state] of [{}, { State: null, Sig: null }, { State: '', Sig: '' }].entries()) {
      const orchestrator = offerText({ ticketParams: rand(`3${index}`) });
      expect(await pay({ orchestrator, type: 'live', state })).toMatchObject({ status: 200 });
    }
  });

  test('int64 survives: a price that no double holds is signed as it came', async () => {
    const priceInfo = { pricePerUnit: 9_007_199_254_740_993n, pixelsPerUnit: 9_223_372_036_854_775_807n };
    const answer = await pay({
      orchestrator: offerText({ priceInfo, ticketParams: rand('41') }),
      type: '',
      inPixels: 5,
    });
    expect(decodePaymentHeader(answer.json.payment).expectedPrice).toMatchObject(priceInfo);
    expect(atob(answer.json.state.State)).toContain(
      '"InitialPricePerUnit":9007199254740993,"InitialPixelsPerUnit":9223372036854775807',
    );
  });

  test.each<[string, unknown, number, string | undefined, string]>([
    ['no body', '', 400, 'EOF', 'malformed-json'],
    ['no JSON', '{"type":', 400, undefined, 'malformed-json'],
    ['a list', '[]', 400, undefined, 'invalid-field'],
    ['null', 'null', 400, 'missing orchestrator', 'missing-orchestrator'],
    ['no offer', {}, 400, 'missing orchestrator', 'missing-orchestrator'],
    ['no protobuf', { orchestrator: 'AAAA' }, 400, undefined, 'malformed-orchestrator'],
    ['URL-safe base64', { orchestrator: '_-==' }, 400, undefined, 'invalid-field'],
    ['a fraction', { orchestrator: offerText(), inPixels: 1.5 }, 400, undefined, 'invalid-field'],
    ['another type', { orchestrator: offerText(), type: 'byoc' }, 400, 'invalid job type', 'invalid-type'],
    ['no units', { orchestrator: offerText() }, 400, 'missing billable unit or job type', 'missing-units'],
    [
      'too dear',
      { orchestrator: offerText(), type: 'live', maxPrice: { price: 2.5, currency: 'wei', unit: 'seconds' } },
      481,
      'orchestrator price 3.000 exceeds request maxPrice ceiling 2.500',
      'price-above-ceiling',
    ],
    [
      'nothing to pay',
      { orchestrator: offerText({ ticketParams: { ...rand('51'), faceValue: 0n } }), type: 'live' },
      482,
      'no tickets',
      'no-tickets',
    ],
    [
      'above the total EV',
      {
        orchestrator: offerText({ ticketParams: { ...rand('52'), faceValue: 3n * 10n ** 12n } }),
        type: '',
        inPixels: 8 * 10 ** 12,
      },
      500,
      'Internal Server Error',
      'batch-refused',
    ],
  ])('%s', async (_name, body, status, message, code) => {
    const answer = await pay(body);
    expect(answer).toMatchObject({ status, json: { error: { code } } });
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(answer.text.endsWith('}\n')).toBe(true);
    if (message !== undefined) expect(answer.json.error.message).toBe(message);
  });

  test('480 names the orchestrator in a header, but only where it is one', async () => {
    const expired = { authToken: { token: new Uint8Array(32), sessionId: 'a', expiration: 1n } };
    const answer = await pay({ orchestrator: offerText(expired), type: 'live' });
    expect(answer).toMatchObject({
      status: 480,
      json: { error: { message: 'refresh session for remote signer', code: 'refresh-session' } },
    });
    expect(answer.headers.get('livepeer-orchestrator-url')).toBe('https://orchestrator.example:8935');
    for (const transcoder of ['https://a\r\nx: y', 'https://ünï', '', `https://${'a'.repeat(5000)}`]) {
      const odd = await pay({ orchestrator: offerText({ ...expired, transcoder }), type: 'live' });
      expect(odd.status).toBe(480);
      expect(odd.headers.get('livepeer-orchestrator-url')).toBeNull();
    }
  });

  test('a body above 256 KiB is 413', async () => {
    const answer = await pay({ app: 'a'.repeat(256 * 1024) });
    expect(answer).toMatchObject({ status: 413, json: { error: { code: 'too-large' } } });
  });

  test('parallel calls: the same request gets the same bytes, and no nonce is signed twice on one challenge', async () => {
    const orchestrator = offerText({ ticketParams: rand('61') });
    const open = (ManifestID: string) => pay({ orchestrator, type: '', inPixels: 100, ManifestID });
    const first = await open('m');
    const again = { orchestrator, type: '', inPixels: 100, state: first.json.state, ManifestID: 'm' };
    const repeats = await Promise.all(Array.from({ length: 8 }, () => pay(again)));
    expect(new Set(repeats.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    const others = await Promise.all(Array.from({ length: 8 }, (_, index) => open(`m${index}`)));
    const nonces = [first, ...repeats.slice(0, 1), ...others].flatMap((answer) => {
      expect(answer.status).toBe(200);
      return decodePaymentHeader(answer.json.payment).ticketSenderParams.map((ticket) => ticket.senderNonce);
    });
    expect(nonces.toSorted((a, b) => a - b)).toEqual(Array.from({ length: nonces.length }, (_, i) => i + 1));
  });

  test('signatures, states and bodies stay out of the log', async () => {
    const answer = await pay({ orchestrator: offerText({ ticketParams: rand('71') }), type: 'live' });
    const log = signer.lines.join('');
    expect(log).toContain('"msg":"paid"');
    for (const secret of [answer.json.payment, answer.json.segCreds, answer.json.state.Sig]) {
      expect(log).not.toContain(secret);
    }
    const [ticket] = decodePaymentHeader(answer.json.payment).ticketSenderParams;
    expect(log).not.toContain(bytesToHex(ticket!.sig).slice(2));
  });
});

test('a port in use ends the start and leaves nothing running', async () => {
  const { port } = new URL(signer.url);
  await expect(startTestSigner({ flags: ['--port', port] })).rejects.toThrow(
    expect.objectContaining({ code: 'cannot-listen' }),
  );
});

describe('paths and methods', () => {
  test('unknown paths are plain 404', async () => {
    const answer = await call(`${signer.url}/payments`);
    expect(answer).toMatchObject({ status: 404, text: '404 page not found\n' });
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  });

  test.each([
    ['GET', '/generate-live-payment', 'POST'],
    ['PUT', '/sign-orchestrator-info', 'POST'],
    ['POST', '/discover-orchestrators', 'GET, HEAD'],
    ['OPTIONS', '/generate-live-payment', 'POST'],
  ])('%s %s is plain 405 with Allow', async (method, path, allow) => {
    const answer = await call(`${signer.url}${path}?x=1`, { method });
    expect(answer).toMatchObject({ status: 405, text: 'Method Not Allowed\n' });
    expect(answer.headers.get('allow')).toBe(allow);
  });

  test('/healthz is 200 and empty', async () => {
    expect(await call(`${signer.url}/healthz`)).toMatchObject({ status: 200, text: '' });
  });

  test('the OpenAPI document has every route, and the fields of a payment', async () => {
    const { status, json } = await call(`${signer.url}/openapi.json`);
    expect(status).toBe(200);
    for (const [path, methods] of Object.entries<Record<string, unknown>>(json.paths)) {
      for (const method of Object.keys(methods)) {
        const answer = await call(`${signer.url}${path}`, { method: method.toUpperCase() });
        expect([404, 405]).not.toContain(answer.status);
      }
    }
    const { schema } = json.paths['/generate-live-payment'].post.requestBody.content['application/json'];
    expect(Object.keys(schema.properties)).toEqual([
      'state',
      'orchestrator',
      'ManifestID',
      'app',
      'inPixels',
      'type',
      'maxPrice',
      'capabilities',
      'gatewayRequestId',
      'attributionSource',
      'lpFunding',
    ]);
  });

  test('readiness and metrics are on the other listener only', async () => {
    expect(await call(`${signer.url}/metrics`)).toMatchObject({ status: 404 });
    expect(await call(`${signer.adminUrl}/readyz`)).toMatchObject({ status: 200 });
    const { text } = await call(`${signer.adminUrl}/metrics`);
    expect(text).toMatch(/lp_signer_payments_total\{code="paid"\} \d/);
    expect(text).toMatch(/^lp_signer_chain_age_seconds \d/m);
    expect(text).toContain('lp_signer_funds_wei{kind="deposit"} 1000000000000000000');
  });
});

function rand(byte: string) {
  return { ...dear(), recipientRandHash: `0x${byte.repeat(32)}` as const };
}

function dear() {
  return {
    recipient: `0x${'bb'.repeat(20)}` as const,
    faceValue: 105n,
    winProb: (2n ** 256n - 1n) / 3n,
    recipientRandHash: `0x${'11'.repeat(32)}` as const,
    seed: 7n,
    expirationBlock: 1040n,
    expirationParams: { creationRound: 9n, creationRoundBlockHash: `0x${'22'.repeat(32)}` as const },
  };
}
