import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { leavesPixelsOpen } from '../capability-ceilings.ts';

/** What becomes of one flag of go-livepeer. */
export interface Translation {
  /** Options of ours, by key of the option table. */
  readonly set?: Readonly<Record<string, string>>;
  /** What an operator should know. */
  readonly note?: string;
  /** Why it cannot be taken over; the start is refused. */
  readonly refused?: string;
}

/** A flag of go-livepeer. */
export interface GoFlag {
  readonly kind: 'value' | 'switch';
  readonly translate: (value: string, all: ReadonlyMap<string, string>) => Translation;
}

const ARBITRUM_ONE = 'arbitrum-one-mainnet';
/** go-livepeer's default port where it signs. */
const HTTP_PORT = '8935';

const value = (translate: GoFlag['translate']): GoFlag => ({ kind: 'value', translate });
const toOption = (key: string): GoFlag => value((text) => ({ set: { [key]: text } }));
const without = (note: string): GoFlag => value(() => ({ note }));
const switchFlag = (translate: GoFlag['translate']): GoFlag => ({ kind: 'switch', translate });
const isTrue = (text: string) => /^(1|t|T|true|TRUE|True)$/.test(text);

/** Flags that matter to another mode of go-livepeer, or to what this program does not have. */
const NEEDLESS = {
  switches: ['gateway', 'broadcaster', 'orchestrator', 'transcoder', 'ignoreMaxPriceIfNeeded', 'localVerify'],
  values: [
    'ethOrchAddr',
    'maxGasPrice',
    'minGasPrice',
    'ticketEV',
    'maxFaceValue',
    'extraNodes',
    'discoveryTimeout',
    'serviceAddr',
    'rtmpAddr',
    'gatewayHost',
    'metricsClientIP',
  ],
};

/** Every flag that go-livepeer's signer reads (remote-signer.md section 6.1). A new one is a row here. */
export const GO_FLAGS: ReadonlyMap<string, GoFlag> = new Map<string, GoFlag>([
  ['remoteSigner', switchFlag((text) => (isTrue(text) ? {} : { refused: 'this program only signs' }))],
  ['network', value(network)],
  ['ethUrl', toOption('rpcUrl')],
  ['ethController', toOption('controller')],
  ['ethKeystorePath', toOption('keystoreFile')],
  ['ethAcctAddr', toOption('account')],
  ['ethPassword', value(password)],
  ['datadir', value((folder, all) => (all.has('ethKeystorePath') ? {} : keystoreIn(folder)))],
  ['httpAddr', value(httpAddress)],
  ['cliAddr', value(adminAddress)],
  ['remoteSignerWebhookUrl', toOption('webhookUrl')],
  ['remoteSignerWebhookHeaders', toOption('webhookHeaders')],
  [
    'remoteSignerAllowNoAuth',
    switchFlag(() => ({
      note: 'without authentication this signer listens on loopback only; the flag changes nothing',
    })),
  ],
  [
    'remoteDiscovery',
    switchFlag((text) => (isTrue(text) ? {} : { note: 'discovery is always on; callers need not use it' })),
  ],
  [
    'liveAICapReportInterval',
    without(
      'discovery asks every --discovery-interval-ms (10 s) and keeps what it knew; the interval is not taken over',
    ),
  ],
  ['orchAddr', value((text) => ({ set: { orchestrators: urls(text) } }))],
  ['orchWebhookUrl', toOption('orchestratorListUrl')],
  ['orchBlocklist', toOption('orchestratorBlocklist')],
  ['maxTicketEV', wei('maxTicketEvWei')],
  ['maxTotalEV', wei('maxTotalEvWei')],
  ['depositMultiplier', toOption('depositMultiplier')],
  ['maxPricePerUnit', value(maxPrice)],
  [
    'pixelsPerUnit',
    value((_text, all) =>
      all.has('maxPricePerUnit') || all.has('maxPricePerCapability')
        ? {}
        : { note: 'divides -maxPricePerUnit only' },
    ),
  ],
  ['maxPricePerCapability', value(ceilings)],
  ['priceFeedAddr', toOption('priceFeed')],
  ['blockPollingInterval', value((seconds) => ({ set: { chainPollMs: `${seconds}000` } }))],
  ['v', value((level) => ({ set: { logLevel: Number(level) >= 6 ? 'debug' : 'info' } }))],
  ['monitor', switchFlag(() => ({ note: 'metrics are always on, at /metrics of the admin port' }))],
  ...['kafkaBootstrapServers', 'kafkaUser', 'kafkaPassword', 'kafkaGatewayTopic'].map(
    (name): [string, GoFlag] => [
      name,
      without(
        'usage events go to JSON lines or a webhook, with delivery that is acknowledged; there is no Kafka',
      ),
    ],
  ),
  ...NEEDLESS.switches.map((name): [string, GoFlag] => [
    name,
    switchFlag(() => ({ note: 'not needed to sign' })),
  ]),
  ...NEEDLESS.values.map((name): [string, GoFlag] => [name, without('not needed to sign')]),
]);

/** Where go-livepeer keeps its keys when no flag says so. */
export function defaultGoKeystore(networkName: string): string {
  return join(homedir(), '.lpData', networkName, 'keystore');
}

function keystoreIn(folder: string): Translation {
  return { set: { keystoreFile: join(folder, 'keystore') } };
}

/** A path, or the password itself: then it was visible to every process of the machine. */
function password(text: string): Translation {
  if (existsSync(text)) return { set: { password: text } };
  return {
    set: { keystorePassword: text },
    note: 'the password stands on the command line, where every process sees it: put it into a file and give its path',
  };
}

function network(name: string, all: ReadonlyMap<string, string>): Translation {
  if (name === 'offchain') return { refused: 'tickets need a chain: -network offchain cannot sign' };
  if (name === ARBITRUM_ONE || all.has('ethController')) return {};
  return { refused: `the contracts of ${name} are not known: give -ethController` };
}

function httpAddress(text: string): Translation {
  const { host, port } = hostPort(text, HTTP_PORT);
  return { set: { host, port } };
}

function adminAddress(text: string): Translation {
  const { host, port } = hostPort(text, '3935');
  const note = 'it serves health and metrics; the commands of livepeer_cli are not there';
  return { set: { adminHost: host, adminPort: port }, note };
}

/** `host:port`, `:port` as loopback, `host` alone. */
function hostPort(text: string, fallback: string): { host: string; port: string } {
  const [, host = '', port = fallback] = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(text) ?? [undefined, text];
  return { host: host.replace(/^\[|\]$/g, '') || '127.0.0.1', port: port === '' ? fallback : port };
}

/** Whole wei: Go takes `3000000000000` and `3e12` alike. */
function wei(key: string): GoFlag {
  return value((text) => {
    const [, digits, exponent = '0'] = /^(\d+)(?:[eE]\+?(\d{1,2}))?$/.exec(text) ?? [];
    return digits === undefined
      ? { refused: `${text} is no whole number of wei` }
      : { set: { [key]: digits + '0'.repeat(Number(exponent)) } };
  });
}

/** Addresses without a scheme are https, as everywhere in Livepeer. */
function urls(text: string): string {
  return text
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '')
    .map((address) => (address.includes('://') ? address : `https://${address}`))
    .join(',');
}

/** A price of so many pixels would be taken for that of one: a ceiling as many times too high. */
function ceilings(text: string, all: ReadonlyMap<string, string>): Translation {
  const pixels = all.get('pixelsPerUnit') ?? '1';
  if (Number(pixels) !== 1 && leavesPixelsOpen(text)) {
    return {
      refused: `entries without pixels_per_unit take that of -pixelsPerUnit: write ${pixels} into each`,
    };
  }
  return { set: { ceilings: text } };
}

/** One number for every unit, as go-livepeer compares it. */
function maxPrice(text: string, all: ReadonlyMap<string, string>): Translation {
  const [, number, currency = ''] = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(text) ?? [];
  if (number === undefined) return { refused: `${text} is no price` };
  if (Number(number) === 0) return { note: 'any price is paid: set ceilings' };
  const pixels = all.get('pixelsPerUnit') ?? '1';
  const price = /^(wei)?$/i.test(currency) ? `${number}/${pixels}` : undefined;
  const note = 'one number for all units; ceilings per second, pixel and job say what is meant';
  if (price !== undefined) {
    const set = { maxWeiPerSecond: price, maxWeiPerPixel: price, maxWeiPerJob: price, maxWeiPerUnit: price };
    return { set, note };
  }
  if (currency.toUpperCase() === 'USD') return { set: { maxUsdPerUnit: `${number}/${pixels}` }, note };
  return { refused: `${currency} is neither wei nor USD` };
}
