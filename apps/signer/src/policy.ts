import type { OpenedPayment, PriceCeiling, SenderLimits } from '@lp/pm/sender';
import { mulRatio, type Ratio } from '@lp/pricing';
import type { Clock, Transport } from '@lp/runtime';
import { ConfigError, refuseOpenListener } from '@lp/service';
import { type AccessConfig, configureAccess, isConfigured } from './access/configure-access.ts';
import type { Access } from './access/require-caller.ts';
import { readCapabilityCeilings } from './capability-ceilings.ts';
import { LimitFileError, type LimitRules, NO_LIMITS, parseLimits } from './limits/limit-rules.ts';
import { CEILING_SOURCE, type CeilingOptions, decimalOrFraction, priceCeilings } from './price-ceilings.ts';

/** What an operator may change while the signer runs: who may call, and how much one call may stake. */
export interface Policy {
  readonly access: Access;
  /** Ceilings by payment type: for what has no price by capability. */
  readonly ceilings: () => readonly PriceCeiling[];
  /** Ceilings of a capability and model, for what discovery lists. */
  readonly capabilityCeilings: (capability: number, model: string) => readonly PriceCeiling[];
  /** Ceilings of one payment. All throw HttpError 503 where they need the price of ETH and it is not known. */
  readonly ceilingsFor: (opened: OpenedPayment) => readonly PriceCeiling[];
  readonly limits: SenderLimits;
  /** What may be spent, by whom and for what. */
  readonly spending: LimitRules;
}

/** The options that a policy is made of. */
export interface PolicyConfig extends AccessConfig, CeilingOptions {
  readonly host: string;
  /** Ceilings by capability: JSON, or the path of it. */
  readonly ceilings: string | undefined;
  /** Highest price of any type, in USD per unit. */
  readonly maxUsdPerUnit: string | undefined;
  /** Text of the file of limits. */
  readonly limits: string | undefined;
  readonly weiPerUsd: string | undefined;
  readonly priceFeed: string | undefined;
  readonly maxTicketEvWei: bigint;
  readonly maxTotalEvWei: bigint;
  readonly depositMultiplier: number;
}

/** Said when nothing tells callers apart. */
const HOW_TO_AUTHENTICATE =
  'anyone who reaches it could spend the deposit. Set LP_SIGNER_API_KEYS_FILE (lp-signer key new makes keys), LP_SIGNER_JWT_ISSUER or LP_SIGNER_WEBHOOK_URL';

/**
 * The policy of the options.
 *
 * @throws OpenListenerError; ApiKeyFileError; ConfigError; LimitFileError; RatioError.
 */
export function policyOf(
  config: PolicyConfig,
  ports: {
    readonly transport: Transport;
    readonly clock: Clock;
    /** Asked when a ceiling is in USD. */
    readonly weiPerUsd: () => Ratio;
  },
): Policy {
  const access = configureAccess(config, ports);
  refuseOpenListener(config.host, isConfigured(access), HOW_TO_AUTHENTICATE);
  if (config.weiPerUsd !== undefined && config.priceFeed !== undefined) {
    throw new ConfigError('lp-signer', ['--wei-per-usd and --price-feed: choose one']);
  }
  const inWei = priceCeilings(config);
  const maxUsd = config.maxUsdPerUnit === undefined ? undefined : decimalOrFraction(config.maxUsdPerUnit);
  const byCapability = config.ceilings === undefined ? undefined : readCapabilityCeilings(config.ceilings);
  const needsRate = maxUsd !== undefined || byCapability?.needsRate === true;
  if (needsRate && config.weiPerUsd === undefined && config.priceFeed === undefined) {
    throw new ConfigError('lp-signer', ['ceilings in USD need --wei-per-usd or --price-feed']);
  }
  const ceilings = (): readonly PriceCeiling[] =>
    maxUsd === undefined
      ? inWei
      : [...inWei, { source: CEILING_SOURCE, price: mulRatio(maxUsd, ports.weiPerUsd()) }];
  return {
    access,
    ceilings,
    capabilityCeilings: (capability, model) =>
      byCapability?.forModel(capability, model, ceilings(), ports.weiPerUsd) ?? ceilings(),
    ceilingsFor: (opened) => byCapability?.forPayment(opened, ceilings(), ports.weiPerUsd) ?? ceilings(),
    limits: {
      maxTicketEv: config.maxTicketEvWei,
      maxTotalEv: config.maxTotalEvWei,
      depositMultiplier: BigInt(config.depositMultiplier),
    },
    spending: spendingRules(config),
  };
}

function spendingRules({ limits, weiPerUsd, priceFeed }: PolicyConfig): LimitRules {
  if (limits === undefined) return NO_LIMITS;
  const rules = parseLimits(limits);
  if (rules.needsRate && weiPerUsd === undefined && priceFeed === undefined) {
    throw new LimitFileError('limits in USD need --wei-per-usd or --price-feed');
  }
  return rules;
}
