import { createInterface } from 'node:readline/promises';
import {
  ChainError,
  ethersChain,
  type RevertCode,
  type SenderAction,
  senderAccount,
  transactionKey,
} from '@lp/pm/chain';
import { formatEth } from '@lp/pricing';
import { ConfigError } from '@lp/service';
import { findKeystore } from '../keys/find-keystore.ts';
import { decryptKeystore } from '../keys/unlock-keystore.ts';
import type { AccountConfig } from './account-options.ts';
import { type Output, terminal } from './output.ts';

/** The account cannot do this now; the message says what to do first. */
export class AccountError extends Error {
  override readonly name = 'AccountError';
  readonly code = 'account';
}

/** Asks the person at the terminal; without one the answer is no. */
export type Confirm = (question: string) => Promise<boolean>;

const askAtTerminal: Confirm = async (question) => {
  if (!process.stdin.isTTY) return false;
  const terminalInput = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminalInput.question(`${question} [y/N] `)).trim());
  } finally {
    terminalInput.close();
  }
};

/**
 * Shows what a transaction would do, asks, sends it and waits. Resolves to the exit code: 0 also for a dry run, 1 when
 * it was not sent.
 *
 * @throws AccountError, ChainError, ConfigError, KeystoreSearchError, KeyFileError.
 */
export async function accountTransaction(
  config: AccountConfig,
  action: SenderAction,
  { out, err, confirm = askAtTerminal }: Output & { readonly confirm?: Confirm } = terminal,
): Promise<number> {
  const { rpcUrl, controller } = config;
  const account = senderAccount({
    rpcUrl,
    controller,
    signer: transactionKey(await privateKey(config, err)),
  });
  const chain = ethersChain({ rpcUrl, controller });
  const [balance, info, rounds] = await Promise.all([
    account.balance(),
    chain.senderInfo(account.address),
    account.rounds(),
  ]);
  out(
    [
      `account   ${account.address}, ${formatEth(balance)}`,
      `deposit   ${formatEth(info.deposit)}`,
      `reserve   ${formatEth(info.reserve.fundsRemaining)}`,
      `unlock    ${unlockText(info.withdrawRound, rounds.current)}`,
      '',
    ].join('\n'),
  );
  const transaction = await account.prepare(action).catch((error: unknown) => {
    throw explained(error, { action, balance, rounds, withdrawRound: info.withdrawRound });
  });
  out(`would     ${describe(action, rounds.current + rounds.unlockPeriod)}\n`);
  out(`gas       ${transaction.gas}, about ${formatEth(transaction.costWei)}\n`);
  if (config.dryRun) return 0;
  if (!config.yes && !(await confirm('Send it?'))) {
    err('not sent: confirm it, or give --yes\n');
    return 1;
  }
  const { transactionHash } = await account.send(transaction, { confirmations: config.confirmations });
  out(`sent      ${transactionHash}, ${config.confirmations} confirmations\n`);
  const [after, { current }] = await Promise.all([chain.senderInfo(account.address), account.rounds()]);
  const unlock = `unlock ${unlockText(after.withdrawRound, current)}`;
  out(
    `now       deposit ${formatEth(after.deposit)}, reserve ${formatEth(after.reserve.fundsRemaining)}, ${unlock}\n`,
  );
  return 0;
}

async function privateKey(config: AccountConfig, err: Output['err']): Promise<`0x${string}`> {
  const { keystoreFile, account } = config;
  const password = config.password ?? config.keystorePassword;
  if (keystoreFile === undefined || password === undefined) {
    throw new ConfigError('lp-signer', [
      'LP_SIGNER_KEYSTORE_FILE and LP_SIGNER_PASSWORD_FILE are needed; an account behind a signing service is funded with its own tools',
    ]);
  }
  const found = await findKeystore(keystoreFile, account);
  if (found.warning !== undefined) err(`${found.warning}\n`);
  return decryptKeystore(found.json, password);
}

function describe(action: SenderAction, unlockedIn: bigint): string {
  switch (action.kind) {
    case 'fund': {
      const { deposit, reserve } = action;
      const parts = [
        ...(deposit > 0n ? [`${formatEth(deposit)} to the deposit`] : []),
        ...(reserve > 0n ? [`${formatEth(reserve)} to the reserve`] : []),
      ];
      return `add ${parts.join(' and ')}`;
    }
    case 'unlock':
      return `begin the unlock period; withdraw from round ${unlockedIn} on`;
    case 'cancel-unlock':
      return 'take the unlock back';
    case 'withdraw':
      return 'take out the whole deposit and reserve';
  }
}

function unlockText(withdrawRound: bigint, current: bigint): string {
  if (withdrawRound === 0n) return 'none in progress';
  return withdrawRound > current
    ? `in progress: withdraw from round ${withdrawRound} on, ${withdrawRound - current} rounds from now`
    : `done since round ${withdrawRound}`;
}

/** A refusal of the contract in words of what to do. */
function explained(
  error: unknown,
  at: {
    readonly action: SenderAction;
    readonly balance: bigint;
    readonly rounds: { readonly current: bigint };
    readonly withdrawRound: bigint;
  },
): unknown {
  if (!(error instanceof ChainError)) return error;
  const say = (message: string) => new AccountError(message, { cause: error });
  if (at.action.kind === 'fund' && at.action.deposit + at.action.reserve > at.balance) {
    return say(`the account has ${formatEth(at.balance)} only: send it ETH first`);
  }
  const words: Partial<Record<RevertCode, string>> = {
    'sender-empty': 'there is no deposit and no reserve: lp-signer fund puts some in',
    'unlock-already': `an unlock was begun before: ${unlockText(at.withdrawRound, at.rounds.current)}; lp-signer unlock --cancel takes it back`,
    'no-unlock': 'no unlock is in progress: lp-signer unlock begins one',
    'still-locked': `not yet, an unlock is ${unlockText(at.withdrawRound, at.rounds.current)}`,
    'system-paused': "Livepeer's contracts are paused: try again later",
  };
  const known = error.revert === undefined ? undefined : words[error.revert.code];
  return known === undefined ? error : say(known);
}
