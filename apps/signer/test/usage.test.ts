import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@lp/runtime';
import { routeTransport, seededRandom, simulatedClock } from '@lp/runtime/testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { usageCommand } from '../src/commands/usage.ts';
import { SignerLedger } from '../src/ledger/signer-ledger.ts';
import { sqliteStore } from '../src/ledger/sqlite/sqlite-store.ts';
import { deliverUsage } from '../src/usage/deliver-usage.ts';
import { reconcile } from '../src/usage/reconcile.ts';
import { usageCsv, usageLines } from '../src/usage/usage-report.ts';
import { jsonLinesSink, type UsageSink, webhookSink } from '../src/usage/usage-sink.ts';
import { issueFor } from './ledger-suite.ts';
import { offerText, startTestSigner } from './signer-fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lp-usage-'));
});
afterAll(() => rm(folder, { recursive: true }));

const HOUR = 3_600_000;

test("events have upstream's fields and units, and ours; the export adds up to them", async () => {
  const file = join(folder, 'events');
  const flags = ['--ledger', 'sqlite', '--data-dir', folder, '--usage-file', file, '--gateway-host', 'gw-1'];
  {
    await using signer = await startTestSigner({ flags });
    const priceInfo = { pricePerUnit: 3n, pixelsPerUnit: 1n, constraint: 'model/a' };
    const first = await signer.post('/generate-live-payment', {
      orchestrator: offerText({ priceInfo }),
      type: 'live',
      app: 'lp/edges',
      gatewayRequestId: 'job-1',
    });
    const second = { orchestrator: offerText(), type: '', inPixels: 100, ManifestID: 'm', app: '=1+1' };
    for (const _twice of [1, 2]) {
      expect(await signer.post('/generate-live-payment', second)).toMatchObject({ status: 200 });
    }
    const { StateID } = JSON.parse(atob(first.json.state.State)) as { StateID: string };
    const events = await vi.waitFor(async () => {
      const lines = (await readFile(file, 'utf8')).trim().split('\n');
      expect(lines).toHaveLength(2); // the repeat is no usage
      return lines.map((line) => JSON.parse(line) as { id: string; data: Record<string, unknown> });
    }, 10_000);
    expect(events[0]).toMatchObject({
      type: 'create_signed_ticket',
      timestamp: expect.stringMatching(/^\d{13}$/),
      gateway: 'gw-1',
      data: {
        session_id: StateID,
        session_status: 'new',
        app: 'lp/edges',
        pipeline: 'live',
        request_id: events[0]?.id,
        orch_address: '0xaAaAaAaaAaAaAaaAaAAAAAAAAaaaAaAaAaaAaaAa',
        orch_url: 'https://orchestrator.example:8935',
        manifest_id: '9f8e7d6c',
        billable_secs: 10,
        pixels: 0,
        session_balance: '5',
        computed_fee: '30',
        cost: '3.0000000000',
        sequence_number: 0,
        num_tickets: 1,
        model: 'model/a',
        unit: 'seconds',
        ticket_ev_wei: '35',
        gateway_request_id: 'job-1',
      },
    });
    expect(events[0]?.id).toMatch(/^[0-9a-f]{32}$/);
    expect(events[1]?.data).toMatchObject({ num_tickets: 9, ticket_ev_wei: '315', computed_fee: '300' });
  }
  const hour = systemClock.wallMs() - (systemClock.wallMs() % HOUR);
  const at = (ms: number) => `${new Date(ms).toISOString().slice(0, 13)}Z`;
  const period = ['--from', at(hour - HOUR), '--to', at(hour + HOUR), '--data-dir', folder];
  let out = '';
  const output = { out: (text: string) => (out += text), err: expect.unreachable };
  expect(await usageCommand(period, output)).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    total: { answers: '2', openings: '2', tickets: '10', evWei: '350', feeWei: '330' },
    lines: [
      { app: '=1+1', units: '100' },
      { app: 'lp/edges', model: 'model/a', units: '10' },
    ],
  });
  out = '';
  await usageCommand([...period, '--csv'], output);
  expect(out).toContain(`local,"'=1+1",0x`); // no formula for a spreadsheet
});

test('a sink that fails gets every event later, also after a restart', async () => {
  const open = () => sqliteStore(join(folder, 'retry.sqlite'), { sender: '0xs', clock: systemClock });
  const clock = simulatedClock({ startMs: 0 });
  const taken: string[] = [];
  const states: string[] = [];
  let failing = true;
  const sink: UsageSink = {
    async deliver(events) {
      taken.push(...events);
      if (failing) throw new Error('taken or not, who knows');
    },
  };
  const run = (store: ReturnType<typeof open>, signal: AbortSignal) =>
    deliverUsage({
      store,
      sink,
      clock,
      random: seededRandom(1),
      signal,
      onChange: (state) => void states.push(state),
    });
  const before = open();
  const ledger = new SignerLedger(before, { sharedKey: false });
  for (let params = 0; params < 3; params++) {
    const outcome = await ledger.begin(issueFor({ identity: `i${params}`, params, nowMs: 0, event: true }));
    if (outcome.kind !== 'sign') expect.fail(outcome.kind);
    ledger.settle(outcome.hold);
  }
  const stop = new AbortController();
  const first = run(before, stop.signal);
  await vi.waitFor(() => expect(states).toEqual(['failing']));
  stop.abort();
  await first;
  await before.close();
  failing = false;
  const after = open();
  const again = new AbortController();
  const second = run(after, again.signal);
  await vi.waitFor(async () => expect(await after.waitingEvents(9)).toEqual([]));
  again.abort();
  await second;
  await after.close();
  expect(new Set(taken).size).toBe(3);
});

test('half a line in the file takes no event with it; what is no file cannot be synced, and need not be', async () => {
  const file = join(folder, 'torn');
  const { signal } = new AbortController();
  await writeFile(file, '{"id":1}\n{"id":2,"da');
  await jsonLinesSink(file).deliver(['{"id":2}'], signal);
  await jsonLinesSink(file).deliver(['{"id":3}'], signal);
  expect(await readFile(file, 'utf8')).toBe('{"id":1}\n{"id":2,"da\n{"id":2}\n{"id":3}\n');
  await jsonLinesSink('/dev/null').deliver(['{"id":1}'], signal);
});

test('a file that cannot be written ends the start', async () => {
  const flags = ['--usage-file', join(folder, 'no', 'such', 'folder')];
  await expect(startTestSigner({ flags })).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining('--usage-file'),
  });
});

test('the webhook gets an array, and anything but a 2xx is a failure without secrets', async () => {
  let status = 204;
  const bodies: unknown[] = [];
  const transport = routeTransport((request) => {
    bodies.push(JSON.parse(String(request.body)));
    return { status };
  });
  const sink = webhookSink({ url: 'https://u.example/secret', headers: { 'x-key': 'hidden' }, transport });
  const { signal } = new AbortController();
  await sink.deliver(['{"id":1}', '{"id":2}'], signal);
  expect(bodies).toEqual([[{ id: 1 }, { id: 2 }]]);
  status = 500;
  await expect(sink.deliver(['{}'], signal)).rejects.toThrow(/^the usage webhook answered 500$/);
});

const row = (hourMs: number, identity: string, evWei: bigint) => ({
  hourMs,
  identity,
  app: 'a,b',
  orchestrator: '0x1',
  recipient: '0x2',
  model: '',
  unit: 'seconds',
  answers: 1n,
  openings: 0n,
  tickets: 2n,
  units: 3n,
  evWei,
  feeWei: 5n,
});

test('hours of one caller become a line; cells are quoted', () => {
  const none = { answers: 0n, tickets: 0n, units: 0n, evWei: 0n, feeWei: 0n };
  const csv = usageCsv(
    usageLines([
      row(0, 'b', 2n ** 70n),
      row(HOUR, 'a', 1n),
      row(HOUR, 'b', 1n),
      { ...row(HOUR, 'c', 0n), ...none }, // taken back
    ]),
  );
  expect(csv.split('\r\n')).toEqual([
    'identity,app,orchestrator,recipient,model,unit,answers,openings,tickets,units,evWei,feeWei',
    'a,"a,b",0x1,0x2,,seconds,1,0,2,3,1,5',
    'b,"a,b",0x1,0x2,,seconds,2,0,4,6,1180591620717411303425,10',
    '',
  ]);
});

test('tickets issued and payouts meet by recipient and day', () => {
  const day = 24 * HOUR;
  const days = reconcile(
    [row(0, 'a', 10n), row(HOUR, 'b', 5n), row(day, 'a', 1n)],
    [{ transactionHash: '0x0', recipient: '0x2', amountWei: 12n, atMs: day + 7 }],
  );
  expect(days).toEqual([
    {
      day: '1970-01-01',
      recipient: '0x2',
      tickets: 4n,
      issuedWei: 15n,
      paidWei: 0n,
      redemptions: 0,
      runningWei: -15n,
    },
    {
      day: '1970-01-02',
      recipient: '0x2',
      tickets: 2n,
      issuedWei: 1n,
      paidWei: 12n,
      redemptions: 1,
      runningWei: -4n,
    },
  ]);
});
