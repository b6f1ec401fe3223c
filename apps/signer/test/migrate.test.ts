import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@lp/service';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrateCommand } from '../src/commands/migrate.ts';
import { acceptGoFlags, translateGoFlags } from '../src/migrate/translate-go-flags.ts';
import { options } from '../src/options.ts';

const ACCOUNT = 'aa'.repeat(20);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lp-migrate-'));
  await mkdir(join(folder, 'keystore'));
  const key = `UTC--2024-01-01T00-00-00.000000000Z--${ACCOUNT}`;
  await writeFile(join(folder, 'keystore', key), JSON.stringify({ address: ACCOUNT }), { mode: 0o600 });
  await writeFile(join(folder, 'password'), 'secret', { mode: 0o600 });
});
afterAll(() => rm(folder, { recursive: true }));

/** The options that a command line of go-livepeer gives. */
function configOf(argv: readonly string[]) {
  const { argv: ours, env } = acceptGoFlags(argv);
  const loaded = loadConfig(options, { argv: ['--rpc-url', 'https://rpc.example', ...ours], env });
  if (loaded.kind !== 'run') throw new Error(loaded.text);
  return loaded.config;
}

test.each<[string, readonly string[], Record<string, unknown>]>([
  ['one dash', ['-remoteSigner', '-ethUrl', 'https://a.example'], { rpcUrl: 'https://a.example' }],
  ['two dashes', ['--remoteSigner', '--ethUrl', 'https://a.example'], { rpcUrl: 'https://a.example' }],
  [
    'an equals sign',
    ['-remoteSigner=true', '-ethUrl=https://a.example/?k=v'],
    { rpcUrl: 'https://a.example/?k=v' },
  ],
  ['the default port', ['-remoteSigner'], { host: '127.0.0.1', port: 8935 }],
  ['a port alone', ['-httpAddr', ':9000'], { host: '127.0.0.1', port: 9000 }],
  ['a host and port', ['-httpAddr', '0.0.0.0:9000'], { host: '0.0.0.0', port: 9000 }],
  ['IPv6', ['-httpAddr', '[::1]:9000'], { host: '::1', port: 9000 }],
  ['the admin port', ['-cliAddr', '127.0.0.1:3936'], { adminHost: '127.0.0.1', adminPort: 3936 }],
  ['the account', ['-ethAcctAddr', `0x${ACCOUNT.toUpperCase()}`], { account: `0x${ACCOUNT}` }],
  ['the controller', ['-ethController', `0x${'0'.repeat(39)}1`], { controller: `0x${'0'.repeat(39)}1` }],
  ['the keystore', ['-ethKeystorePath', '/keys'], { keystoreFile: '/keys' }],
  ['the data folder', ['-datadir', '/data'], { keystoreFile: '/data/keystore' }],
  ['the password itself', ['-ethPassword', 'no such file'], { keystorePassword: 'no such file' }],
  [
    'the webhook',
    ['-remoteSignerWebhookUrl', 'https://w.example', '-remoteSignerWebhookHeaders', 'a:b,c:d'],
    { webhookUrl: 'https://w.example', webhookHeaders: 'a:b,c:d' },
  ],
  [
    'orchestrators',
    ['-orchAddr', 'a.example:8935, http://b:1'],
    { orchestrators: ['https://a.example:8935', 'http://b:1'] },
  ],
  [
    'the list of orchestrators',
    ['-orchWebhookUrl', 'https://l.example'],
    { orchestratorListUrl: 'https://l.example' },
  ],
  ['the blocklist', ['-orchBlocklist', '0xabc,0xdef'], { orchestratorBlocklist: ['0xabc', '0xdef'] }],
  [
    'EV limits',
    ['-maxTicketEV', '3000', '-maxTotalEV=2e13'],
    { maxTicketEvWei: 3000n, maxTotalEvWei: 20_000_000_000_000n },
  ],
  ['the multiplier', ['-depositMultiplier', '4'], { depositMultiplier: 4 }],
  [
    'the price',
    ['-maxPricePerUnit', '7', '-pixelsPerUnit', '2'],
    { maxWeiPerSecond: '7/2', maxWeiPerPixel: '7/2', maxWeiPerJob: '7/2', maxWeiPerUnit: '7/2' },
  ],
  [
    'prices by capability',
    ['-maxPricePerCapability', '{"capabilities_prices":[]}'],
    { ceilings: '{"capabilities_prices":[]}' },
  ],
  [
    'prices by capability that say how many pixels they are of',
    [
      '-pixelsPerUnit=1000',
      '-maxPricePerCapability={"capabilities_prices":[{"price_per_unit":5,"pixels_per_unit":2}]}',
    ],
    { ceilings: expect.stringContaining('"pixels_per_unit":2') as string },
  ],
  ['the polling interval', ['-blockPollingInterval', '7'], { chainPollMs: 7000 }],
  [
    'the price in USD',
    ['-maxPricePerUnit', '0.5USD', '-pixelsPerUnit', '4', '-priceFeedAddr', `0x${'0'.repeat(39)}2`],
    { maxUsdPerUnit: '0.5/4', priceFeed: `0x${'0'.repeat(39)}2`, maxWeiPerSecond: undefined },
  ],
  ['the verbosity', ['-v', '6'], { logLevel: 'debug' }],
  [
    'what does not matter',
    ['-remoteDiscovery', '-remoteSignerAllowNoAuth', '-monitor', '-kafkaUser', 'u'],
    { port: 8935 },
  ],
  ['both kinds, ours winning', ['-httpAddr', ':9000', '--port', '9001'], { port: 9001 }],
])('%s', (_name, argv, expected) => {
  expect(configOf(argv)).toMatchObject(expected);
});

test('a password file is one', () => {
  expect(configOf(['-ethPassword', join(folder, 'password')])).toMatchObject({ password: 'secret' });
});

test('without flags of go-livepeer nothing is assumed', () => {
  const argv = ['--port', '0', '--host=127.0.0.1'];
  expect(translateGoFlags(argv)).toEqual({ argv, env: {}, flags: [] });
});

test.each([
  [['-network', 'offchain'], 'tickets need a chain'],
  [['-network', 'rinkeby'], 'give -ethController'],
  [['-maxPricePerUnit', '0.5EUR'], 'neither wei nor USD'],
  [['-maxPricePerUnit', 'cheap'], 'no price'],
  [['-maxTicketEV', '1.5'], 'no whole number'],
  [['-remoteSigner=false'], 'only signs'],
  [
    ['-pixelsPerUnit', '1000', '-maxPricePerCapability', '{"capabilities_prices":[{"price_per_unit":5}]}'],
    'write 1000 into each',
  ],
])('%j is refused with a reason', (argv, reason) => {
  expect(() => acceptGoFlags(argv)).toThrow(reason);
});

async function check(...argv: readonly string[]) {
  let text = '';
  const write = (more: string) => void (text += more);
  return { code: await migrateCommand(argv, { out: write, err: write }), text };
}

test('migrate --check says what each flag becomes and what changes, and no secret', async () => {
  const { code, text } = await check(
    '--check',
    '--',
    '-remoteSigner',
    '-network',
    'arbitrum-one-mainnet',
    '-ethUrl',
    'https://rpc.example/hidden',
    '-datadir',
    folder,
    '-ethPassword',
    join(folder, 'password'),
    '-maxPricePerUnit',
    '1000',
    '-monitor',
    '-remoteSignerWebhookUrl',
    'https://w.example',
    '-remoteSignerWebhookHeaders',
    'x:hidden',
  );
  expect(text).toContain('-datadir');
  expect(text).toContain('--keystore-file');
  expect(text).toContain(`--${ACCOUNT}`);
  expect(text).toContain('one number for all units');
  expect(text).toContain('-monitor true\n    dropped');
  expect(text).toContain('listens on 127.0.0.1:8935');
  expect(text).not.toContain('hidden');
  expect(text).toContain('lp-signer would start');
  expect(code).toBe(0);
});

test('migrate --check names everything that stops a start', async () => {
  const { code, text } = await check(
    '--check',
    '--',
    '-network',
    'offchain',
    '-datadir',
    join(folder, 'nowhere'),
    '-httpAddr',
    '0.0.0.0:8935',
    '-ethUrl',
    'https://rpc.example',
    '-remoteSignerAllowNoAuth',
  );
  expect(code).toBe(1);
  expect(text).toContain('tickets need a chain');
  expect(text).toContain('refusing to listen on 0.0.0.0');
  expect((await check()).code).toBe(2);
  expect((await check('--help')).text).toContain('Usage');
});
