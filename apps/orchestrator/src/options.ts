import { parseRatio, type Ratio } from '@lp/pricing';
import {
  address,
  choice,
  defineOptions,
  file,
  integer,
  LOG_LEVELS,
  option,
  port,
  text,
  toggle,
  url,
  wei,
} from '@lp/service';
import { z } from 'zod';

const positiveRatio = z.string().transform((value, context): Ratio => {
  try {
    const parsed = parseRatio(value);
    if (parsed.n > 0n) return parsed;
  } catch {
    // reported below, with what is allowed
  }
  context.addIssue({ code: 'custom', message: 'not a positive number' });
  return z.NEVER;
});

/** Everything that can be set, with flags, variables `LP_ORCHESTRATOR_…` and defaults. */
export const options = defineOptions({
  name: 'lp-orchestrator',
  prefix: 'LP_ORCHESTRATOR',
  describe:
    'A Livepeer orchestrator for live runners: sells sessions by the second and redeems winning tickets.',
  rows: {
    host: text({ describe: 'Address to listen on', default: '127.0.0.1' }),
    port: port({ describe: 'Port for clients and runners; 0 takes any free one', default: '8935' }),
    adminHost: text({ describe: 'Address of the admin listener; keep it private', default: '127.0.0.1' }),
    adminPort: port({ describe: 'Port of the admin listener; 0 takes any free one', default: '7935' }),
    serviceUrl: url({ describe: 'URL by which clients reach this orchestrator; default: where it listens' }),
    runnerUrl: url({ describe: 'URL by which runners reach it; default: the service URL' }),
    tlsCert: file({
      describe: 'Certificate chain (PEM); with the key, HTTPS is served',
      confidential: false,
    }),
    tlsKey: file({ describe: 'Private key of the certificate (PEM)' }),
    insecureHttp: toggle({ describe: 'Allow plain HTTP beyond loopback, for a TLS proxy in front' }),
    runnerSecret: file({
      describe: 'Secret with which runners register; without it only static runners are served',
    }),
    runners: file({ describe: 'Static runners: {"runners":[…]}', confidential: false, maxBytes: 1 << 20 }),
    maxRunners: integer({
      describe: 'Most runners registered at a time',
      default: '1000',
      min: 1,
      max: 100_000,
    }),
    network: choice(['onchain', 'offchain'], {
      describe: 'offchain serves without prices, challenges and metering',
      default: 'onchain',
    }),
    rpcUrl: url({ describe: 'Ethereum JSON-RPC of Arbitrum or a development chain' }),
    controller: address({ describe: "Livepeer's Controller contract" }),
    keystore: file({ describe: 'Key of the account that sends redemptions (geth keystore)' }),
    password: file({ describe: 'Password of the keystore' }),
    recipient: address({
      describe: 'Ticket recipient, a registered orchestrator; default: the address of the key',
    }),
    ticketEvWei: wei({ describe: 'Expected value of a ticket, in wei', default: '8000000000' }),
    maxFaceValueWei: wei({
      describe: 'Largest face value of a ticket, in wei, above its expected value; 0 sets no limit',
      default: '0',
    }),
    redeemGas: integer({
      describe: 'Gas limit of a redemption',
      default: '1200000',
      min: 100_000,
      max: 30_000_000,
    }),
    priceFeed: address({ describe: 'Chainlink feed for ETH and USD' }),
    weiPerUsd: option(positiveRatio, {
      describe: 'Fixed exchange rate instead of a feed, in wei per US dollar',
      allowed: 'a positive number, such as 500000000000000 or 1000000000000000000/3549',
      placeholder: 'ratio',
    }),
    debitIntervalMs: integer({
      describe: 'Milliseconds between debits of a session',
      default: '5000',
      min: 100,
      max: 60_000,
    }),
    dataDir: text({ describe: 'Folder of the ledger and the winning tickets', default: '.lp/orchestrator' }),
    logLevel: choice(LOG_LEVELS, { describe: 'Least severe log line that is written', default: 'info' }),
  },
});
