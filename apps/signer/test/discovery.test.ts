import { TransportError } from '@lp/runtime';
import { type RouteHandler, routeTransport, simulatedClock } from '@lp/runtime/testing';
import { expect, test } from 'vitest';
import { watchCatalogue } from '../src/discovery/catalogue.ts';
import { call, offerText, startTestSigner } from './signer-fixture.ts';
import { stubChain } from './stub-chain.ts';

const ORCHESTRATORS = ['--orchestrators', 'https://a.example:8935,https://b.example:8935/'];

function runner(url: string, app: string, price: string, unit = 'seconds'): string {
  return `{"url":"${url}","gpu":{"id":"0","name":"H100","vram_mb":80000},"app":"${app}","mode":"persistent",
    "capacity":4,"capacity_used":1,"capacity_available":3,"secret":"dropped",
    "price_info":{"price":${price},"currency":"wei","unit":"${unit}"}}`;
}

function list(address: string, ...runners: string[]): string {
  return `[{"address":"${address}","runners":[${runners.join(',')}]}]`;
}

/** Who asks; not looked at here. */
const LOGIN = { address: `0x${'11'.repeat(20)}`, signature: new Uint8Array(65) } as const;

const lists: Record<string, string> = {
  'https://a.example:8935/discovery': list(
    'https://a.example:8935',
    runner('https://a.example:8935/apps/1/session', 'lp/edges', '9223372036854775807'),
    runner('https://a.example:8935/apps/2/session', 'lp/blur', '0.5'),
    '{"url":"https://a.example:8935/apps/3/session","app":"lp/free","capacity":1}',
  ),
  'https://b.example:8935/discovery': list(
    'https://b.example:8935',
    runner('https://b.example:8935/apps/4/session', 'lp/edges', '7'),
  ),
};
const serve: RouteHandler = ({ url }) => (lists[url] === undefined ? { status: 404 } : { body: lists[url] });

test('all priced runners by orchestrator, with prices to the last digit', async () => {
  await using signer = await startTestSigner({ flags: ORCHESTRATORS, transport: routeTransport(serve) });
  await expect.poll(() => call(`${signer.url}/discover-orchestrators`)).toMatchObject({ status: 200 });
  const answer = await call(`${signer.url}/discover-orchestrators`);
  expect(answer.headers.get('content-type')).toBe('application/json');
  expect(answer.json).toMatchObject([
    {
      address: 'https://a.example:8935',
      score: 1,
      capabilities: ['lp/blur', 'lp/edges'],
      runners: [
        {
          url: 'https://a.example:8935/apps/1/session',
          gpu: { id: '0', name: 'H100', vram_mb: 80_000 },
          app: 'lp/edges',
          mode: 'persistent',
          capacity: 4,
          capacity_used: 1,
          capacity_available: 3,
          price_info: { currency: 'wei', unit: 'seconds' },
        },
        { app: 'lp/blur', price_info: { price: 0.5 } },
      ],
    },
    { address: 'https://b.example:8935', capabilities: ['lp/edges'] },
  ]);
  expect(answer.text).toContain('"price":9223372036854775807,');
  expect(answer.text).not.toContain('dropped');
  expect(answer.text).not.toContain('lp/free');
});

test('caps filters by exact text, or-ed, in the order asked, and an empty match is []', async () => {
  await using signer = await startTestSigner({ flags: ORCHESTRATORS, transport: routeTransport(serve) });
  const addresses = async (query: string) => {
    const { status, json } = await call(`${signer.url}/discover-orchestrators${query}`);
    expect(status).toBe(200);
    return (json as { address: string }[]).map(({ address }) => address);
  };
  await expect.poll(() => addresses('').catch(() => [])).toHaveLength(2);
  expect(await addresses('?caps=lp/blur')).toEqual(['https://a.example:8935']);
  expect(await addresses('?caps=lp%2Fedges&caps=lp/blur')).toEqual([
    'https://a.example:8935',
    'https://b.example:8935',
  ]);
  expect(await addresses('?caps=&caps=')).toHaveLength(2);
  expect(await addresses('?caps=LP/EDGES')).toEqual([]);
  const head = await call(`${signer.url}/discover-orchestrators`, { method: 'HEAD' });
  expect(head).toMatchObject({ status: 200, text: '' });
});

test('nothing known is 503', async () => {
  await using signer = await startTestSigner();
  expect(await call(`${signer.url}/discover-orchestrators`)).toMatchObject({
    status: 503,
    json: { error: { message: 'Service Unavailable Error', code: 'no-runners' } },
  });
});

test("the operator's ceiling hides dearer runners of its unit", async () => {
  const flags = [...ORCHESTRATORS, '--max-wei-per-second', '6.5'];
  await using signer = await startTestSigner({ flags, transport: routeTransport(serve) });
  await expect.poll(() => call(`${signer.url}/discover-orchestrators`)).toMatchObject({ status: 200 });
  const { json } = await call(`${signer.url}/discover-orchestrators`);
  expect(json).toMatchObject([{ runners: [{ app: 'lp/blur' }] }]);
  expect(json).toHaveLength(1);
});

test('without configured orchestrators the registry is asked', async () => {
  const chain = stubChain();
  chain.state.orchestrators = ['https://b.example:8935', '', 'not a url'];
  await using signer = await startTestSigner({ ports: { chain }, transport: routeTransport(serve) });
  await expect
    .poll(() => call(`${signer.url}/discover-orchestrators`))
    .toMatchObject({
      status: 200,
      json: [{ address: 'https://b.example:8935' }],
    });
});

test('an orchestrator that stops answering keeps its runners until they are too old', async () => {
  const clock = simulatedClock();
  const stop = new AbortController();
  let away = false;
  const transport = routeTransport(
    (request) => {
      if (!away || !request.url.includes('a.example')) return serve(request);
      throw new TransportError('connect', 'no route', { url: request.url, sent: false });
    },
    { clock },
  );
  const failures: string[] = [];
  const catalogue = watchCatalogue({
    orchestrators: async () => ['https://a.example:8935', 'https://b.example:8935'],
    transport,
    clock,
    login: LOGIN,
    signal: stop.signal,
    intervalMs: 10_000,
    maxAgeMs: 60_000,
    onFailure: ({ url, of }) => void (of === 'runners' && failures.push(url)),
  });
  const known = () =>
    catalogue.known().flatMap(({ runners }) => {
      const { value = [], ageMs = 0 } = runners.news ?? {};
      return value.map((offer) => [offer.orchestrator, ageMs]);
    });
  await clock.runUntil(catalogue.firstRound);
  expect(known()).toHaveLength(4);
  away = true;
  await clock.advance(60_000);
  expect(known()).toEqual([
    ['https://a.example:8935', 60_000],
    ['https://a.example:8935', 60_000],
    ['https://a.example:8935', 60_000],
    ['https://b.example:8935', 0],
  ]);
  expect(new Set(failures)).toEqual(new Set(['https://a.example:8935']));
  await clock.advance(10_000);
  expect(known()).toEqual([['https://b.example:8935', 0]]);
  away = false;
  await clock.advance(10_000);
  expect(known()).toHaveLength(4);
  stop.abort();
  await catalogue.ended;
  expect(clock.pending).toBe(0);
});

test('an orchestrator may announce several addresses; entries of one address are merged whatever the slash', async () => {
  const several = `[{"address":"https://c.example/","runners":[${runner('https://c.example/r1', 'z', '1')}]},
    {"address":"https://d.example","runners":[${runner('https://d.example/r2', 'a', '1')}]},
    {"address":"https://c.example","runners":[${runner('https://c.example/r3', 'a', '2')},${runner('https://c.example/r1', 'z', '9')}]}]`;
  const transport = routeTransport(({ url }) =>
    url.startsWith('https://a.example') ? { body: several } : { status: 404 },
  );
  await using signer = await startTestSigner({ flags: ORCHESTRATORS, transport });
  await expect.poll(() => call(`${signer.url}/discover-orchestrators`)).toMatchObject({ status: 200 });
  const { json } = await call(`${signer.url}/discover-orchestrators`);
  expect(json).toMatchObject([
    {
      address: 'https://c.example',
      capabilities: ['a', 'z'],
      runners: [{ url: 'https://c.example/r1', price_info: { price: 1 } }, { url: 'https://c.example/r3' }],
    },
    { address: 'https://d.example' },
  ]);
  const { json: filtered } = await call(`${signer.url}/discover-orchestrators?caps=a&caps=z`);
  expect((filtered as { address: string }[]).map(({ address }) => address)).toEqual([
    'https://c.example',
    'https://d.example',
  ]);
});

test.each<[string, string]>([
  ['no app', '"app":" "'],
  ['metadata above 1,024 bytes', `"app":"x","metadata":"${'é'.repeat(513)}"`],
  ['metadata with U+FFFD', '"app":"x","metadata":"\\ufffd"'],
  ['metadata with half a character', '"app":"x","metadata":"\\ud800"'],
])('a runner with %s is left out', async (_name, fields) => {
  const price = '"price_info":{"price":1,"currency":"wei","unit":"seconds"}';
  const body = list(
    'https://a.example:8935',
    `{"url":"https://a.example:8935/r1",${fields},${price}}`,
    `{"url":"https://a.example:8935/r2","app":"good","metadata":"${'a'.repeat(1024)}",${price}}`,
    '{"url":"https://a.example:8935/r3","app":"x","price_info":{"price":0,"currency":"wei","unit":"seconds"}}',
    '{"url":"https://a.example:8935/r4","app":"x","price_info":{"price":1,"currency":"usd","unit":"seconds"}}',
    '{"url":"https://a.example:8935/r5","app":"x","price_info":{"price":1,"currency":"wei","unit":"hours"}}',
  );
  const transport = routeTransport(({ url }) => (url.includes('a.example') ? { body } : { status: 404 }));
  await using signer = await startTestSigner({ flags: ORCHESTRATORS, transport });
  await expect.poll(() => call(`${signer.url}/discover-orchestrators`)).toMatchObject({ status: 200 });
  const { json } = await call(`${signer.url}/discover-orchestrators`);
  expect(json).toMatchObject([{ capabilities: ['good'], runners: [{ url: 'https://a.example:8935/r2' }] }]);
  expect(json[0].runners).toHaveLength(1);
  const [{ last_seen, age_ms }] = json[0].runners;
  expect(Date.parse(last_seen as string)).toBeGreaterThan(0);
  expect(age_ms).toBeGreaterThanOrEqual(0);
});

test('the operator may name orchestrators by a list of JSON, and leave some out', async () => {
  const transport = routeTransport((request) =>
    request.url === 'https://list.example/'
      ? { body: '[{"address":"https://b.example:8935","score":1},{"address":"https://a.example:8935"},7,{}]' }
      : serve(request),
  );
  const flags = [
    '--orchestrator-list-url',
    'https://list.example/',
    '--orchestrator-blocklist',
    'A.example:8935',
  ];
  await using signer = await startTestSigner({ flags, transport });
  await expect
    .poll(() => call(`${signer.url}/discover-orchestrators`))
    .toMatchObject({ status: 200, json: [{ address: 'https://b.example:8935' }] });
});

test('registered orchestrators are left out by their address on the chain', async () => {
  const chain = stubChain();
  chain.state.orchestrators = ['https://b.example:8935'];
  const flags = ['--orchestrator-blocklist', 'aa'.repeat(20)];
  await using signer = await startTestSigner({ flags, ports: { chain }, transport: routeTransport(serve) });
  await expect.poll(() => signer.lines.join('')).toContain('discovery lists nothing');
  expect(await call(`${signer.url}/discover-orchestrators`)).toMatchObject({ status: 503 });
});

test('a list that fails or comes back empty changes nothing', async () => {
  const clock = simulatedClock();
  const stop = new AbortController();
  let answer: readonly string[] | Error = ['https://a.example:8935'];
  const empties: boolean[] = [];
  const catalogue = watchCatalogue({
    orchestrators: async () => {
      if (answer instanceof Error) throw answer;
      return answer;
    },
    transport: routeTransport(serve, { clock }),
    clock,
    login: LOGIN,
    signal: stop.signal,
    intervalMs: 10_000,
    maxAgeMs: 60_000,
    onEmpty: (empty) => void empties.push(empty),
  });
  await clock.runUntil(catalogue.firstRound);
  expect(catalogue.known()[0]?.runners.news?.value).toHaveLength(3);
  for (const next of [[], new Error('the node is away')]) {
    answer = next;
    await clock.advance(10_000);
    expect(catalogue.known()[0]?.runners.news?.value).toHaveLength(3);
  }
  expect(empties).toEqual([]);
  stop.abort();
  await catalogue.ended;
});

test('when the last runner goes, somebody is told', async () => {
  const clock = simulatedClock();
  const stop = new AbortController();
  let body = lists['https://b.example:8935/discovery'];
  const empties: boolean[] = [];
  const catalogue = watchCatalogue({
    orchestrators: async () => ['https://b.example:8935'],
    transport: routeTransport(() => ({ body: body ?? '' }), { clock }),
    clock,
    login: LOGIN,
    signal: stop.signal,
    intervalMs: 10_000,
    maxAgeMs: 60_000,
    onEmpty: (empty) => void empties.push(empty),
  });
  await clock.runUntil(catalogue.firstRound);
  body = '[]';
  await clock.advance(10_000);
  expect(empties).toEqual([true]);
  body = lists['https://b.example:8935/discovery'];
  await clock.advance(10_000);
  expect(empties).toEqual([true, false]);
  stop.abort();
  await catalogue.ended;
});

test('a ceiling in USD follows the rate, for discovery and payments', async () => {
  const flags = [...ORCHESTRATORS, '--max-usd-per-unit', '0.5', '--wei-per-usd', '13'];
  await using signer = await startTestSigner({ flags, transport: routeTransport(serve) });
  await expect.poll(() => call(`${signer.url}/discover-orchestrators`)).toMatchObject({ status: 200 });
  const { json } = await call(`${signer.url}/discover-orchestrators`);
  expect(json).toMatchObject([{ runners: [{ app: 'lp/blur' }] }]); // 6.5 wei: not the runner of 7
  const priceInfo = { pricePerUnit: 7n, pixelsPerUnit: 1n };
  const body = { orchestrator: offerText({ priceInfo }), type: 'live' };
  expect(await signer.post('/generate-live-payment', body)).toMatchObject({ status: 481 });
  await expect(startTestSigner({ flags: ['--max-usd-per-unit', '1'] })).rejects.toMatchObject({
    exitCode: 2,
  });
});
