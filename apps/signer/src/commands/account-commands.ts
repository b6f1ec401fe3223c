import { parseRatio } from '@lp/pricing';
import { ConfigError, loadConfig } from '@lp/service';
import { fundOptions, unlockOptions, withdrawOptions } from './account-options.ts';
import { accountTransaction, type Confirm } from './account-transaction.ts';
import { type Output, terminal } from './output.ts';

type Terminal = Output & { readonly confirm?: Confirm };

const WEI_PER_ETH = 10n ** 18n;

/** `lp-signer fund`: ETH of the account into deposit and reserve. */
export async function fundCommand(argv: readonly string[], to: Terminal = terminal): Promise<number> {
  const loaded = loadConfig(fundOptions, { argv });
  if (loaded.kind === 'print') return print(loaded.text, to);
  const { depositEth, reserveEth } = loaded.config;
  const [deposit, reserve] = [weiOf('--deposit-eth', depositEth), weiOf('--reserve-eth', reserveEth)];
  if (deposit + reserve === 0n) {
    throw new ConfigError('lp-signer fund', ['--deposit-eth and --reserve-eth say how much; both are 0']);
  }
  return accountTransaction(loaded.config, { kind: 'fund', deposit, reserve }, to);
}

/** `lp-signer unlock`: begins the way out, or takes it back. */
export async function unlockCommand(argv: readonly string[], to: Terminal = terminal): Promise<number> {
  const loaded = loadConfig(unlockOptions, { argv });
  if (loaded.kind === 'print') return print(loaded.text, to);
  return accountTransaction(loaded.config, { kind: loaded.config.cancel ? 'cancel-unlock' : 'unlock' }, to);
}

/** `lp-signer withdraw`: deposit and reserve back to the account. */
export async function withdrawCommand(argv: readonly string[], to: Terminal = terminal): Promise<number> {
  const loaded = loadConfig(withdrawOptions, { argv });
  if (loaded.kind === 'print') return print(loaded.text, to);
  return accountTransaction(loaded.config, { kind: 'withdraw' }, to);
}

function print(text: string, to: Output): number {
  to.out(text);
  return 0;
}

/** Whole wei of an amount in ETH; none is rounded. */
function weiOf(flag: string, eth: string): bigint {
  const { n, d } = parseRatio(eth);
  if ((n * WEI_PER_ETH) % d !== 0n) {
    throw new ConfigError('lp-signer fund', [`${flag}: ${eth} ETH is no whole number of wei`]);
  }
  return (n * WEI_PER_ETH) / d;
}
