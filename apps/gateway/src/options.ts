import {
  address,
  choice,
  decimal,
  defineOptions,
  file,
  integer,
  LOG_LEVELS,
  list,
  port,
  secret,
  text,
  toggle,
  url,
  urlList,
  wei,
} from '@lp/service';

/** Everything that can be set on `lp-gateway`. */
export const gatewayOptions = defineOptions({
  name: 'lp-gateway',
  describe: 'Paid live sessions over HTTP, server-sent events and WebSocket, with a page. Holds no key.',
  rows: {
    host: text({
      describe: 'Address to listen on. Beyond this machine only with API keys.',
      default: '127.0.0.1',
    }),
    port: port({ describe: 'Port to listen on; 0 takes any free one.', default: '8936' }),
    signerUrl: url({ describe: 'The remote signer that pays.', required: true }),
    signerToken: secret({ describe: 'Bearer token for the signer.' }),
    orchestrators: urlList({ describe: 'Orchestrators to use. Empty: those the signer names.', default: '' }),
    maxPriceUsdPerHour: decimal({ describe: 'Most a runner may cost, in USD per hour.', default: '1' }),
    weiPerUsd: decimal({ describe: 'Wei for one USD, for ceilings and for showing USD.' }),
    rpcUrl: url({ describe: 'Ethereum RPC to read the price feed from, when --wei-per-usd is not set.' }),
    priceFeed: address({
      describe: 'The ETH/USD price feed, by default that on Arbitrum One.',
      default: '0x639Fe6ab55C921f74e7fac1ee960C0B6293ba612',
    }),
    maxSpendWei: wei({ describe: 'Most that any one session may pay in total.' }),
    apiKeys: file({ describe: 'File with a line "<identity> <key>" for each caller.' }),
    allowedHosts: list({
      describe: 'Host names under which the gateway is reached, besides loopback.',
      default: '',
    }),
    allowedOrigins: list({ describe: 'Origins of other pages that may call.', default: '' }),
    tls: choice(['verify', 'pin'], {
      describe: 'Certificates of orchestrators: checked, or pinned on first use.',
      default: 'verify',
    }),
    privateAddresses: choice(['refuse', 'allow'], {
      describe: 'Orchestrators at private addresses; allow for local networks.',
      default: 'refuse',
    }),
    maxSessions: integer({ describe: 'Open sessions at once.', min: 1, max: 1000, default: '8' }),
    maxSockets: integer({
      describe: 'Frame sockets and event streams at once.',
      min: 1,
      max: 10_000,
      default: '64',
    }),
    maxFrameBytes: integer({ describe: 'Largest picture.', min: 1024, max: 16_777_216, default: '1048576' }),
    idleSeconds: integer({
      describe: 'A session without any client is closed after this time.',
      min: 5,
      max: 86_400,
      default: '60',
    }),
    openTimeoutSeconds: integer({
      describe: 'Time for opening a session.',
      min: 1,
      max: 3600,
      default: '120',
    }),
    development: toggle({ describe: 'Say on the page that this is a development network.' }),
    namedSettings: list({ describe: 'Further settings to show on the page, as name=value.', default: '' }),
    logLevel: choice(LOG_LEVELS, { describe: 'Least level that is logged.', default: 'info' }),
  },
});
