import { type Chain, ethersChain } from '@lp/pm/chain';
import { parseRatio, type Ratio } from '@lp/pricing';
import { createTransport, systemClock } from '@lp/runtime';
import { defineOptions, loadConfig, toggle } from '@lp/service';
import { verifiedOrPinned } from '../discovery/verified-or-pinned.ts';
import { examine } from '../doctor/examine.ts';
import { type Finding, fail } from '../doctor/finding.ts';
import { signLogin } from '../keys/login.ts';
import { openKey } from '../keys/open-key.ts';
import { messageOf } from '../message-of.ts';
import { acceptGoFlags } from '../migrate/translate-go-flags.ts';
import { options } from '../options.ts';
import { policyOf } from '../policy.ts';
import { type Output, terminal } from './output.ts';

const doctorOptions = defineOptions({
  name: 'lp-signer doctor',
  prefix: options.prefix,
  describe:
    'Looks at chain, deposit, reserve, ledger, discovery, clock and certificates of a signer with these options, and says what to do. Changes nothing.',
  rows: { json: toggle({ describe: 'One line of JSON instead of text.' }), ...options.rows },
});

/** `lp-signer doctor`: 0 when nothing fails, 1 when something does. */
export async function doctorCommand(argv: readonly string[], { out }: Output = terminal): Promise<number> {
  const translated = acceptGoFlags(argv);
  const env = { ...process.env, ...translated.env };
  const loaded = loadConfig(doctorOptions, { argv: translated.argv, env });
  if (loaded.kind === 'print') {
    out(loaded.text);
    return 0;
  }
  const findings = await findingsOf(loaded.config);
  const healthy = findings.every(({ level }) => level !== 'fail');
  out(loaded.config.json ? `${JSON.stringify({ ok: healthy, findings })}\n` : findings.map(line).join(''));
  return healthy ? 0 : 1;
}

const RATE_TIMEOUT_MS = 10_000;

const MARK = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' } as const;

function line({ part, level, detail, advice }: Finding): string {
  const todo = advice === undefined ? '' : `${' '.repeat(6)}-> ${advice}\n`;
  return `${MARK[level]}  ${part}: ${detail}\n${todo}`;
}

type DoctorConfig = Extract<
  ReturnType<typeof loadConfig<(typeof doctorOptions)['rows']>>,
  { kind: 'run' }
>['config'];

async function findingsOf(config: DoctorConfig): Promise<readonly Finding[]> {
  const services = createTransport({ privateAddresses: 'allow' });
  const ownList = config.orchestrators.length > 0 || config.orchestratorListUrl !== undefined;
  const privateAddresses = ownList ? 'allow' : 'refuse';
  const verify = createTransport({ privateAddresses });
  const pin = createTransport({ privateAddresses, tls: 'pin' });
  const notes: Finding[] = [];
  try {
    const { rpcUrl, controller, priceFeed } = config;
    const chain = ethersChain({ rpcUrl, controller, ...(priceFeed !== undefined && { priceFeed }) });
    const rate = await rateOf(config, chain);
    const policy = policyOf(config, { transport: services, clock: systemClock, weiPerUsd: () => rate });
    const warnOfFile = (text: string) =>
      void notes.push({ part: 'key', level: 'warn', detail: text, advice: 'keys are for their owner only' });
    const key = await openKey(config, { transport: services, clock: systemClock, warn: warnOfFile });
    const findings = await examine({
      config,
      policy,
      sender: key.address,
      login: await signLogin(key),
      chain,
      transport: verifiedOrPinned({ verify, pin }),
      services,
      clock: systemClock,
    });
    return [...notes, ...findings];
  } catch (error) {
    return [...notes, fail('options', messageOf(error), 'lp-signer --help shows all options')];
  } finally {
    await Promise.all([services.close(), verify.close(), pin.close()]);
  }
}

/** What a dollar costs, where the options say how to tell; else a rate that nothing asks for. */
async function rateOf(config: DoctorConfig, chain: Chain): Promise<Ratio> {
  if (config.weiPerUsd !== undefined) return parseRatio(config.weiPerUsd);
  if (config.priceFeed === undefined) return { n: 0n, d: 1n };
  return (await chain.weiPerUsd({ signal: AbortSignal.timeout(RATE_TIMEOUT_MS) })).weiPerUsd;
}
