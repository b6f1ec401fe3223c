import {
  address,
  choice,
  decimal,
  defineOptions,
  file,
  integer,
  LOG_LEVELS,
  list,
  originList,
  port,
  positiveDecimal,
  secret,
  text,
  toggle,
  url,
  urlList,
  wei,
} from '@lp/service';

/** Every option of `lp-signer`: flags, `LP_SIGNER_*` variables, defaults and `--help` come from here. */
export const options = defineOptions({
  name: 'lp-signer',
  describe: 'Holds the key of a Livepeer sender: signs tickets for live payments and serves discovery.',
  rows: {
    host: text({
      describe: 'Address to listen on; beyond loopback only with API keys, JWT or the webhook.',
      default: '127.0.0.1',
    }),
    port: port({ describe: 'Port of the API; 0 takes any free one.', default: '8937' }),
    adminHost: text({
      describe:
        'Address of /healthz, /readyz and /metrics; beyond loopback for probes from outside. /accounts answers this machine only.',
      default: '127.0.0.1',
    }),
    adminPort: port({
      describe: 'Port of /healthz, /readyz, /metrics and /accounts; 0 takes any free one.',
      default: '7937',
    }),
    keystoreFile: text({
      describe: 'The sender account as a geth keystore: the file, or a folder of them.',
      placeholder: 'path',
    }),
    account: address({ describe: 'Which account of the folder, or of the signing service.' }),
    password: file({ describe: 'File with the password of the keystore.' }),
    keystorePassword: secret({ describe: 'The password itself, where there is no file of it.' }),
    externalSignerUrl: url({
      describe: 'Instead of a keystore: a service that signs with eth_sign, such as Web3Signer.',
    }),
    externalSignerHeaders: secret({ describe: 'Sent to the signing service: name:value,name2:value2.' }),
    rpcUrl: url({ describe: 'JSON-RPC endpoint of the chain.', required: true }),
    controller: address({
      describe: "Livepeer's Controller contract; the default is Arbitrum One's.",
      default: '0xd8e8328501e9645d16cf49539efc04f734606ee4',
    }),
    apiKeys: file({
      describe: 'Callers, one "<name> sha256:<hex>" a line; lp-signer key new makes them.',
      maxBytes: 1 << 20,
    }),
    trustedProxies: list({
      describe: 'Callers by name whose header Signer-Auth-Id is believed.',
      default: '',
    }),
    jwtIssuer: url({ describe: 'Issuer of the tokens that callers may send instead of a key.' }),
    jwtAudience: text({ describe: 'What the tokens must be meant for.' }),
    jwtKeysUrl: url({ describe: "The issuer's keys; default <issuer>/.well-known/jwks.json." }),
    jwtAlgorithms: list({
      describe: 'Signature algorithms of tokens.',
      default: 'RS256,PS256,ES256,EdDSA',
    }),
    jwtClockToleranceSeconds: integer({
      describe: 'How far the clocks of issuer and signer may be apart, in seconds.',
      min: 0,
      max: 300,
      default: '30',
    }),
    jwtIdentityClaim: text({ describe: 'Claim of the token that names the caller.', default: 'sub' }),
    webhookUrl: url({ describe: "Asked about every payment, as go-livepeer's -remoteSignerWebhookUrl." }),
    webhookHeaders: secret({ describe: 'Sent to the webhook: name:value,name2:value2.' }),
    webhookScope: choice(['all', 'payments'], {
      describe:
        'With the webhook alone: whether it is asked on every route, or only on payments as go-livepeer does.',
      default: 'all',
    }),
    corsOrigins: originList({ describe: 'Web origins that may call from a browser.', default: '' }),
    maxTicketEvWei: wei({
      describe: 'Largest expected value of one ticket, in wei.',
      default: '3000000000000',
    }),
    maxTotalEvWei: wei({
      describe: 'Largest expected value of the tickets of one payment, in wei.',
      default: '20000000000000',
    }),
    depositMultiplier: integer({
      describe: 'The face value of a ticket is at most the deposit divided by this.',
      min: 1,
      max: 1_000_000,
      default: '1',
    }),
    minDepositWei: wei({
      describe: 'With less deposit the signer says that it is not ready, in wei.',
      default: '1',
    }),
    minReserveWei: wei({
      describe: 'With less reserve the signer says that it is not ready, in wei.',
      default: '1',
    }),
    maxWeiPerSecond: decimal({ describe: 'Highest price of type live, in wei per second.' }),
    maxWeiPerPixel: decimal({ describe: 'Highest price of type lv2v, in wei per pixel.' }),
    maxWeiPerJob: decimal({ describe: 'Highest price of type fixed, in wei.' }),
    maxWeiPerUnit: decimal({
      describe:
        'Highest price of calls that count their own units, in wei per unit; without it the highest of the three above.',
    }),
    maxUsdPerUnit: decimal({
      describe: "Highest price of any type in USD per unit, as go-livepeer's -maxPricePerUnit with USD.",
    }),
    ceilings: text({
      describe:
        "Highest prices by capability and model, as go-livepeer's -maxPricePerCapability: JSON, or the path of a JSON file.",
      placeholder: 'json|path',
      maxLength: 1 << 20,
    }),
    orchestrators: urlList({
      describe: "Orchestrators that discovery asks; empty asks the chain's registry.",
      default: '',
    }),
    orchestratorListUrl: url({
      describe: 'Instead of that list: a URL that answers it as JSON, [{"address": url}].',
    }),
    orchestratorBlocklist: list({
      describe: 'Orchestrators that discovery leaves out, by address on the chain or by URL.',
      default: '',
    }),
    discoveryIntervalMs: integer({
      describe: 'Time between two rounds of discovery, in milliseconds.',
      min: 1000,
      max: 86_400_000,
      default: '10000',
    }),
    discoveryMaxAgeMs: integer({
      describe:
        'What an orchestrator offered stays listed this long after it stopped answering, runners and capabilities each by themselves, in milliseconds.',
      min: 1000,
      max: 86_400_000,
      default: '600000',
    }),
    chainPollMs: integer({
      describe: 'Time between two reads of the chain, in milliseconds.',
      min: 100,
      max: 600_000,
      default: '5000',
    }),
    chainMaxAgeMs: integer({
      describe: 'Payments are refused with 503 when the chain was last read longer ago, in milliseconds.',
      min: 1000,
      max: 3_600_000,
      default: '60000',
    }),
    limits: file({
      describe: 'What may be spent, by whom and per when: JSON, see Limits in the README.',
      confidential: false,
      maxBytes: 1 << 20,
    }),
    weiPerUsd: positiveDecimal({ describe: 'Price of a dollar in wei, for limits in USD.' }),
    priceFeed: address({ describe: 'Instead of that: a Chainlink ETH / USD feed on the chain.' }),
    recipients: list({
      describe:
        'Recipients that are paid without being registered on the chain, by address; any for everyone.',
      default: '',
    }),
    ledger: choice(['sqlite', 'postgres', 'none'], {
      describe:
        'Where answers, nonces and spending are recorded: a file, a database for many signers, or nowhere.',
      default: 'sqlite',
    }),
    dataDir: text({
      describe: 'Folder of the SQLite ledger, signer.sqlite.',
      placeholder: 'path',
      default: '.lp/signer',
    }),
    postgresUrl: secret({ describe: 'Database of --ledger postgres: postgres://user:password@host/name.' }),
    sharedKey: toggle({
      describe: "Other signers, such as go-livepeer's, use this key: accept the states they issue.",
    }),
    usageFile: text({
      describe: 'File that usage events are appended to, one JSON object a line.',
      placeholder: 'path',
    }),
    usageWebhookUrl: url({
      describe: 'Instead of that file: a URL that usage events are posted to, as a JSON array.',
    }),
    usageWebhookHeaders: secret({ describe: 'Sent to the usage webhook: name:value,name2:value2.' }),
    workers: integer({
      describe: 'Processes that share the ports and the ledger; with more than one, not with --ledger none.',
      min: 1,
      max: 64,
      default: '1',
    }),
    gatewayHost: text({ describe: 'Name of this signer in usage events.', default: 'lp-signer' }),
    logLevel: choice(LOG_LEVELS, { describe: 'Least level that is logged.', default: 'info' }),
  },
});
