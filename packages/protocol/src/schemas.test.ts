import { describe, expect, it } from 'vitest';
import {
  channelsRequest,
  decodeWith,
  deleteChannelsRequest,
  discoveryList,
  encodeWith,
  foldKeys,
  formatChallenge,
  formatGoDuration,
  fundingReport,
  heartbeatRequest,
  heartbeatResponse,
  int64,
  JsonDecimal,
  o2rMessage,
  parseChallenge,
  parseGoDuration,
  parseJson,
  runnerPrice,
  signerPaymentRequest,
  staticRunnerConfig,
  stringifyJson,
  upstreamErrorBody,
  weiText,
} from './index.ts';

const heartbeat = (fields: object) =>
  decodeWith(heartbeatRequest, { runner_url: 'http://127.0.0.1:1', app: 'a', ...fields });

describe('signer request (remote-signer.md section 1.3)', () => {
  it('matches keys in any case, drops nulls and unknown fields, keeps int64 exact', () => {
    const body = parseJson(
      '{"manifestid":"m1","Orchestrator":"AQI=","STATE":{"state":"YQ==\\n","sig":null},"app":null,' +
        '"inpixels":9223372036854775807,"MaxPrice":{"Price":1.5e-3,"currency":"wei"},"other":1}',
    );
    expect(decodeWith(signerPaymentRequest, foldKeys(signerPaymentRequest, body))).toEqual({
      state: { State: new Uint8Array([0x61]) },
      orchestrator: new Uint8Array([1, 2]),
      ManifestID: 'm1',
      inPixels: 9223372036854775807n,
      maxPrice: { price: '1.5e-3', currency: 'wei' },
    });
  });

  it.each(['state', 'maxPrice', 'lpFunding'])('takes no number for the object %s', (field) => {
    for (const number of ['1', '1.5', '2e7', '9007199254740993']) {
      const body = foldKeys(signerPaymentRequest, parseJson(`{"${field}":${number}}`));
      expect(() => decodeWith(signerPaymentRequest, body)).toThrow(`${field} must be of type object`);
    }
  });

  it('prints what it reads', () => {
    const wire = encodeWith(signerPaymentRequest, {
      orchestrator: new Uint8Array([1, 2]),
      ManifestID: 'm1',
      inPixels: 2n ** 60n,
      maxPrice: { price: '12500000000000', currency: 'wei', unit: 'seconds' },
    });
    expect(stringifyJson(wire)).toBe(
      '{"orchestrator":"AQI=","ManifestID":"m1","inPixels":1152921504606846976,' +
        '"maxPrice":{"price":12500000000000,"currency":"wei","unit":"seconds"}}',
    );
  });

  it.each([
    [{ inPixels: new JsonDecimal('1.0') }, 'inPixels must be a whole number without fraction or exponent'],
    [{ inPixels: '1' }, 'inPixels must be a whole number'],
    [{ orchestrator: 'AQI' }, 'orchestrator must be standard base64 with padding'],
    [{ maxPrice: { price: '1/3' } }, 'maxPrice.price must be a decimal'],
    [{ app: 1 }, 'app must be of type string'],
    [{ lpFunding: { leadMs: -1 } }, 'lpFunding.leadMs must not be negative'],
    [{ lpFunding: { leadMs: '1' } }, 'lpFunding.leadMs must be a whole number'],
    [{ lpFunding: { exact: 1 } }, 'lpFunding.exact must be of type boolean'],
  ])('refuses %j', (body, message) => {
    expect(() => decodeWith(signerPaymentRequest, body)).toThrow(message);
  });
});

describe('funding messages', () => {
  it('asks in any case, exactly', () => {
    const body = parseJson(
      '{"LPFUNDING":{"leadms":15000,"EXACT":true,"unit":null,"atMostNs":9223372036854775807}}',
    );
    expect(decodeWith(signerPaymentRequest, foldKeys(signerPaymentRequest, body))).toEqual({
      lpFunding: { leadMs: 15_000n, exact: true, atMostNs: 9223372036854775807n },
    });
  });

  it('keeps its name clear of upstream fields', () => {
    const upstream = [
      'state',
      'orchestrator',
      'manifestid',
      'app',
      'inpixels',
      'type',
      'maxprice',
      'capabilities',
    ];
    expect(upstream).not.toContain('lpfunding');
  });

  it.each(['0', '-5', '125/7', '1'.repeat(400)])('reads %s wei', (creditWei) => {
    expect(decodeWith(fundingReport, { creditWei })).toEqual({ creditWei });
  });

  it.each(['', '1/0', '01', '1.5', '1/', '1'.repeat(401)])('refuses %j wei', (creditWei) => {
    expect(() => decodeWith(fundingReport, { creditWei })).toThrow('creditWei must be an exact ratio');
  });
});

describe('scalars', () => {
  it('keeps int64 inside its range', () => {
    expect(decodeWith(int64, -(2n ** 63n))).toBe(-(2n ** 63n));
    expect(() => decodeWith(int64, 2n ** 63n)).toThrow('value must fit a signed 64-bit integer');
    expect(() => decodeWith(int64, 1.5)).toThrow('whole number');
  });

  it('reads wei as text only', () => {
    expect(
      decodeWith(weiText, '115792089237316195423570985008687907853269984665640564039457584007913129639935'),
    ).toBe(2n ** 256n - 1n);
    expect(() => decodeWith(weiText, '01')).toThrow('value must be wei as a decimal string');
    expect(() => encodeWith(weiText, -1n)).toThrow('must not be negative');
  });
});

describe('heartbeat (live-runner.md section 4.1)', () => {
  it('fills upstream defaults', () => {
    expect(heartbeat({})).toEqual({
      runner_url: 'http://127.0.0.1:1',
      app: 'a',
      mode: 'persistent',
      capacity: 1,
    });
    expect(heartbeat({ mode: 'single_shot', capacity: 0 })).toMatchObject({
      mode: 'single-shot',
      capacity: 1,
    });
  });

  it.each([
    [{ runner_url: 'ftp://x', app: ' a' }, 'invalid runner_url'],
    [{ runner_url: undefined }, 'invalid runner_url'],
    [{ app: ' a', metadata: '\ufffd' }, 'app must be trimmed'],
    [{ metadata: 'é'.repeat(513), mode: 'x' }, 'metadata must be at most 1024 bytes'],
    [{ metadata: '\ud800' }, 'metadata must be valid UTF-8'],
    [{ status: 'Ready', capacity: -1 }, 'status must be trimmed lower case'],
    [{ mode: 'x', capacity: -1 }, 'mode must be "persistent" or "single-shot"'],
    [{ capacity: -1 }, 'capacity must be >= 0'],
  ])('refuses %j with the first complaint in upstream order', (fields, message) => {
    expect(() => heartbeat(fields)).toThrow(message);
  });

  it('reads Go durations in the answer and prints them back', () => {
    const wire = { runner_id: 'r', heartbeat_interval: '5s', heartbeat_ttl: '1m20s', session_ids: ['s'] };
    const answer = decodeWith(heartbeatResponse, wire);
    expect(answer).toMatchObject({ heartbeat_interval: 5000, heartbeat_ttl: 80_000 });
    expect(encodeWith(heartbeatResponse, answer)).toEqual(wire);
    expect(decodeWith(heartbeatResponse, { runner_id: 'r' })).toMatchObject({
      heartbeat_interval: 5000,
      session_ids: [],
    });
  });

  it('reads a price exactly', () => {
    expect(decodeWith(runnerPrice, { price: new JsonDecimal('0.10') })).toEqual({
      price: '0.10',
      currency: 'usd',
      unit: 'hour',
    });
    expect(decodeWith(runnerPrice, { price: ' 5 ', currency: ' USD', unit: '720P' })).toMatchObject({
      unit: '720p',
    });
    for (const price of [0, -1, '0e5', 'x', true, new JsonDecimal('0.000')]) {
      expect(() => decodeWith(runnerPrice, { price })).toThrow(/decimal/);
    }
    expect(() => decodeWith(runnerPrice, { price: 1, unit: 'second' })).toThrow(
      'price_info.unit must be hour, 720p, or fixed',
    );
  });

  it('knows the messages of the o2r channel', () => {
    expect(decodeWith(o2rMessage, { keep: 'alive' })).toEqual({ keep: 'alive' });
    expect(decodeWith(o2rMessage, { event: 'released', session: 's', timestamp: 't' })).toMatchObject({
      session: 's',
    });
    expect(() => decodeWith(o2rMessage, { event: 'exploded', session: 's' })).toThrow(
      'keep must be one of alive',
    );
  });
});

describe('static runners (live-runner.md section 5)', () => {
  const entry = { label: 'l', runner_url: 'http://x', app: 'a', health_url: '/health' };

  it('fills defaults', () => {
    expect(decodeWith(staticRunnerConfig, { runners: [entry] }).runners[0]).toEqual({
      ...entry,
      routing: 'runner-id',
      mode: 'persistent',
      capacity: 1,
      healthy_status_code: 200,
    });
  });

  it('names the entry that is wrong', () => {
    const refuse = (bad: object) => () =>
      decodeWith(staticRunnerConfig, { runners: [entry, { ...entry, label: 'm', ...bad }] });
    expect(refuse({ app: '' })).toThrow('runners[1]: app must be trimmed');
    expect(refuse({ label: 'l' })).toThrow('runners[1]: duplicate label');
    expect(refuse({ label: 'a/b', routing: 'label' })).toThrow('runners[1]: label must not contain "/"');
    expect(refuse({ healthy_status_code: 99 })).toThrow('runners[1]: healthy_status_code');
  });
});

describe('channels (live-runner.md section 10.3)', () => {
  it('cleans names and types as upstream does', () => {
    expect(
      decodeWith(channelsRequest, { channels: [{ name: ' a/b ', mime_type: ' ' }, { name: 'c' }] }),
    ).toEqual({
      channels: [
        { name: 'a-b', mime_type: 'application/octet-stream' },
        { name: 'c', mime_type: 'application/octet-stream' },
      ],
    });
  });

  it('takes 1 to 25', () => {
    const channels = (count: number) =>
      decodeWith(channelsRequest, { channels: Array.from({ length: count }, (_, i) => ({ name: `c${i}` })) });
    expect(() => channels(0)).toThrow('channels is required');
    for (const schema of [channelsRequest, deleteChannelsRequest]) {
      expect(() => decodeWith(schema, {})).toThrow(/^channels is required$/);
    }
    expect(channels(25).channels).toHaveLength(25);
    expect(() => channels(26)).toThrow('channels cannot contain more than 25 entries');
    expect(() => decodeWith(channelsRequest, { channels: [{ name: 'ö' }] })).toThrow(
      'channels[0]: invalid channel name',
    );
  });
});

describe('discovery (client.md section 2.3)', () => {
  it('keeps what is usable, prices exact', () => {
    const list = parseJson(
      '[7, {"no":"address"}, {"address":"http://o","runners":[' +
        '{"url":"http://r","app":"a","capacity":"many","price_info":{"price":9007199254740993,"currency":"wei","unit":"seconds"}},' +
        '{"url":"http://r2","app":"a","price_info":{"price":true,"currency":"wei","unit":"seconds"}},' +
        '{"url":"http://r3","app":"a","price_info":{"price":"1.5e3","currency":"wei","unit":"fixed"}},' +
        '{"url":"","app":"a"}, null]}, {"address":"http://empty"}]',
    );
    expect(decodeWith(discoveryList, list)).toEqual([
      {
        address: 'http://o',
        runners: [
          {
            url: 'http://r',
            app: 'a',
            price_info: { price: 9007199254740993n, currency: 'wei', unit: 'seconds' },
          },
          { url: 'http://r2', app: 'a' },
          { url: 'http://r3', app: 'a', price_info: { price: 1500n, currency: 'wei', unit: 'fixed' } },
        ],
      },
      { address: 'http://empty', runners: [] },
    ]);
  });

  it('prints prices as bare integers', () => {
    const price_info = { price: 2n ** 60n, currency: 'wei', unit: 'seconds' };
    const wire = encodeWith(discoveryList, [
      { address: 'http://o', runners: [{ url: 'u', app: 'a', price_info }] },
    ]);
    expect(stringifyJson(wire)).toContain('"price":1152921504606846976,');
  });
});

describe('challenge (live-runner.md section 8.1)', () => {
  const body =
    '{"payment_params":"AQI=","orchestrator":"http://o","manifest_id":"m","payment_url":"http://o/p?a=1\\u0026b=2"}';

  it('is printed in upstream order, escaped as Go does', () => {
    expect(formatChallenge(parseChallenge(body))).toBe(body);
    expect(formatChallenge({ ...parseChallenge(body), paymentIntervalMs: 5000 })).toMatch(
      /,"payment_interval_ms":5000}$/,
    );
  });

  it('needs params and an id, and tolerates the rest', () => {
    expect(parseChallenge('{"payment_params":"x","manifest_id":"m","payment_interval_ms":-1}')).toEqual({
      paymentParams: 'x',
      manifestId: 'm',
    });
    expect(() => parseChallenge('{"payment_params":"","manifest_id":"m"}')).toThrow(
      'payment_params must not be empty',
    );
    expect(() => parseChallenge('{"error":{"message":"no"}}')).toThrow(
      'payment_params must be of type string',
    );
    expect(() => parseChallenge('[]')).toThrow('value must be of type object');
  });
});

describe('Go durations', () => {
  it.each([
    ['5s', 5_000_000_000n],
    ['1m30.5s', 90_500_000_000n],
    ['1.5h', 5_400_000_000_000n],
    ['10ms2us1ns', 10_002_001n],
    ['0', 0n],
  ])('reads %s', (text, ns) => expect(parseGoDuration(text)).toBe(ns));

  it.each(['', '5', 's', '-5s', '5 s', '1s ', '1d'])('refuses %j', (text) =>
    expect(() => parseGoDuration(text)).toThrow('not a Go duration'),
  );

  it.each([
    [0, '0s'],
    [250, '250ms'],
    [1500, '1.5s'],
    [60_000, '1m0s'],
    [3_661_001, '1h1m1.001s'],
  ])('prints %i ms', (ms, text) => {
    expect(formatGoDuration(ms)).toBe(text);
    expect(parseGoDuration(text)).toBe(BigInt(ms) * 1_000_000n);
  });
});

describe('error body', () => {
  it('is upstream, with a code on top', () => {
    expect(upstreamErrorBody('a < b')).toBe('{"error":{"message":"a \\u003c b"}}\n');
    expect(upstreamErrorBody('no', 'x')).toBe('{"error":{"message":"no","code":"x"}}\n');
  });
});
