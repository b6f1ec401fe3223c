import { access, constants, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Hex } from '@lp/pm';
import type { Chain } from '@lp/pm/chain';
import type { Clock, Transport } from '@lp/runtime';
import type { Config } from '@lp/service';
import { blocklist, candidates } from '../discovery/candidates.ts';
import type { Login } from '../keys/login.ts';
import { openLedger } from '../ledger/open-ledger.ts';
import { messageOf } from '../message-of.ts';
import type { options } from '../options.ts';
import type { Policy } from '../policy.ts';
import { certificateFindings, orchestratorServices, type Service } from './certificates.ts';
import { clockFinding } from './clock.ts';
import { discoveryFindings } from './discovery.ts';
import { type Finding, fail, ok, warn } from './finding.ts';
import { moneyFindings } from './money.ts';

/** What the doctor looks at. */
export interface Patient {
  readonly config: Config<(typeof options)['rows']>;
  readonly policy: Policy;
  readonly sender: Hex;
  readonly login: Login;
  readonly chain: Chain;
  /** Asks orchestrators. */
  readonly transport: Transport;
  /** Asks the operator's own services. */
  readonly services: Transport;
  readonly clock: Clock;
}

const CHAIN_TIMEOUT_MS = 15_000;
const MS_PER_HOUR = 3_600_000;
const MS_PER_DAY = 24 * MS_PER_HOUR;

/** Looks at everything once; changes nothing. */
export async function examine(patient: Patient): Promise<readonly Finding[]> {
  const { config, policy, services, clock } = patient;
  const ledger = await ledgerFindings(patient);
  const [chain, clockState, discovery] = await Promise.all([
    chainFindings(patient, ledger.burntWei),
    clockFinding({ rpcUrl: config.rpcUrl, transport: services, clock }),
    discoveryFindings({
      candidates: candidates(config, { chain: patient.chain, services }),
      transport: patient.transport,
      clock,
      login: patient.login,
      rules: {
        ceilings: policy.ceilings(),
        capabilityCeilings: (capability, model) => policy.capabilityCeilings(capability, model),
        isBlocked: blocklist(config.orchestratorBlocklist),
      },
    }),
  ]);
  const certificates = await certificateFindings(servicesOf(patient, discovery.urls), clock.wallMs());
  return [
    accessFinding(policy),
    ...chain,
    ...ledger.findings,
    ...discovery.findings,
    clockState,
    ...certificates,
  ];
}

function accessFinding({ access: callers, ceilings, spending }: Policy): Finding {
  if (callers.authenticator === undefined && !callers.webhook) {
    return warn('access', 'anyone on this machine may call', 'lp-signer key new <name> makes a key');
  }
  if (ceilings().length === 0 && spending.tables.length === 0) {
    const advice = 'set LP_SIGNER_LIMITS_FILE and ceilings such as --max-wei-per-second';
    return warn('access', 'callers are known, and nothing bounds what they pay', advice);
  }
  return ok('access', 'callers are known, and bounded');
}

async function chainFindings(patient: Patient, burntWei: bigint | undefined): Promise<readonly Finding[]> {
  const { chain, sender, config, policy } = patient;
  const signal = AbortSignal.timeout(CHAIN_TIMEOUT_MS);
  try {
    const [head, info] = await Promise.all([chain.head({ signal }), chain.senderInfo(sender, { signal })]);
    const round = `L1 block ${head.l1Block}, round ${head.lastInitializedRound}`;
    return [
      head.currentRoundInitialized
        ? ok('chain', round)
        : warn(
            'chain',
            `${round}; the current round is not initialised`,
            'tickets cannot be redeemed until it is',
          ),
      ok('account', sender),
      ...moneyFindings({
        head,
        info,
        depositMultiplier: policy.limits.depositMultiplier,
        least: config,
        burntWei,
      }),
    ];
  } catch (error) {
    return [fail('chain', messageOf(error), 'check LP_SIGNER_RPC_URL and LP_SIGNER_CONTROLLER')];
  }
}

/** Whether the ledger can be read and written, and what it says was spent in 24 hours. */
async function ledgerFindings({
  config,
  sender,
  clock,
}: Patient): Promise<{ readonly findings: readonly Finding[]; readonly burntWei: bigint | undefined }> {
  if (config.ledger === 'none') {
    const advice = 'set --ledger sqlite: without it a state can be paid twice after a restart';
    return { findings: [warn('ledger', 'none', advice)], burntWei: undefined };
  }
  const file = join(config.dataDir, 'signer.sqlite');
  try {
    if (config.ledger === 'sqlite' && (await stat(file).catch(() => undefined)) === undefined) {
      await access(await existing(resolve(config.dataDir)), constants.W_OK);
      return { findings: [ok('ledger', `${file} will be made at the first start`)], burntWei: 0n };
    }
    const { store } = await openLedger(config, { sender, clock, log: { warn: () => {} } });
    try {
      const nowMs = clock.wallMs();
      const rows = await store.usage(
        Math.floor((nowMs - MS_PER_DAY) / MS_PER_HOUR) * MS_PER_HOUR,
        nowMs + MS_PER_HOUR,
      );
      const waiting = await store.waitingEvents(1000);
      const burntWei = rows.reduce((sum, { evWei }) => sum + evWei, 0n);
      const detail = config.ledger === 'sqlite' ? file : 'Postgres';
      return {
        findings: [
          waiting.length < 1000
            ? ok('ledger', detail)
            : warn('ledger', `${detail}; 1000 usage events or more wait`, 'see whether their receiver is up'),
        ],
        burntWei,
      };
    } finally {
      await store.close();
    }
  } catch (error) {
    const advice = 'payments are refused without it: check --data-dir and who owns it';
    return { findings: [fail('ledger', messageOf(error), advice)], burntWei: undefined };
  }
}

/** The nearest folder on the way up that is there. */
async function existing(folder: string): Promise<string> {
  const found = await stat(folder).catch(() => undefined);
  return found?.isDirectory() === true || dirname(folder) === folder ? folder : existing(dirname(folder));
}

function servicesOf({ config }: Patient, orchestrators: readonly string[]): readonly Service[] {
  const own: [string, string | undefined][] = [
    ['the chain', config.rpcUrl],
    ['the webhook', config.webhookUrl],
    ['the token issuer', config.jwtKeysUrl ?? config.jwtIssuer],
    ['the signing service', config.externalSignerUrl],
    ['the list of orchestrators', config.orchestratorListUrl],
  ];
  return [
    ...own.flatMap(([name, url]) => (url === undefined ? [] : [{ name, url }])),
    ...orchestratorServices(orchestrators),
  ];
}
