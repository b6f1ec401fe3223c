import type { ChainHead, SenderInfo } from '@lp/pm/chain';
import { formatEth } from '@lp/pricing';
import { fundsProblem, type LeastFunds } from '../chain/funds.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

/** Gas of a redemption and its multiple in a usual face value (chain.md section 6). */
const REDEEM_GAS = 1_200_000n;
const FACE_VALUE_MULTIPLE = 100n;
const HOURS_PER_DAY = 24n;
const SOON_DAYS = 3n;

/** What the money on the TicketBroker is good for. */
export function moneyFindings(input: {
  readonly head: ChainHead;
  readonly info: SenderInfo;
  readonly depositMultiplier: bigint;
  readonly least: LeastFunds;
  /** Expected value of the tickets signed in the last 24 hours, in wei; `undefined` where no ledger tells. */
  readonly burntWei: bigint | undefined;
}): readonly Finding[] {
  const { head, info, depositMultiplier, least, burntWei } = input;
  const { deposit, reserve } = info;
  const { l1Block, lastInitializedRound, roundBlockHash } = head;
  const problem = fundsProblem({ l1Block, lastInitializedRound, roundBlockHash, senderInfo: info }, least);
  const faceValue = REDEEM_GAS * head.gasPrice * FACE_VALUE_MULTIPLE;
  const largest = deposit / depositMultiplier; // floored, as tickets are checked
  const share =
    head.poolSize === 0n ? 0n : (reserve.fundsRemaining + reserve.claimedInCurrentRound) / head.poolSize;
  return [
    problem === undefined
      ? ok('funds', 'orchestrators take tickets of this sender')
      : fail('funds', problem, 'lp-signer fund puts deposit and reserve in and takes back an unlock'),
    largest >= faceValue
      ? ok('deposit', `${formatEth(deposit)}, covers a face value of ${formatEth(faceValue)}`)
      : warn(
          'deposit',
          `${formatEth(deposit)} divided by ${depositMultiplier} is below the usual face value of ${formatEth(faceValue)}`,
          'lp-signer fund --deposit-eth <amount>; orchestrators that ask for such tickets are refused until then',
        ),
    share >= faceValue
      ? ok(
          'reserve',
          `${formatEth(reserve.fundsRemaining)}, ${formatEth(share)} for each of ${head.poolSize} orchestrators`,
        )
      : warn(
          'reserve',
          `${formatEth(share)} for each of ${head.poolSize} orchestrators is below the usual face value of ${formatEth(faceValue)}`,
          'lp-signer fund --reserve-eth <amount>; orchestrators cut the face value to the share, or refuse the sender',
        ),
    unlockFinding(info, lastInitializedRound),
    burnFinding(deposit, burntWei),
  ];
}

function unlockFinding({ withdrawRound }: SenderInfo, round: bigint): Finding {
  if (withdrawRound === 0n) return ok('unlock', 'none in progress');
  const left = withdrawRound - round;
  return left <= 1n
    ? fail('unlock', `over in round ${withdrawRound}, now ${round}`, 'lp-signer unlock --cancel, or fund')
    : warn(
        'unlock',
        `in progress, over in ${left} rounds`,
        'orchestrators refuse tickets one round before; lp-signer unlock --cancel takes it back',
      );
}

function burnFinding(deposit: bigint, burntWei: bigint | undefined): Finding {
  if (burntWei === undefined) return warn('burn rate', 'no ledger tells it', 'run with --ledger sqlite');
  if (burntWei === 0n) return ok('burn rate', 'nothing was signed in the last 24 hours');
  const hours = (deposit * HOURS_PER_DAY) / burntWei;
  const detail = `${formatEth(burntWei)} of tickets in 24 hours: the deposit lasts about ${hours} hours`;
  return hours >= SOON_DAYS * HOURS_PER_DAY
    ? ok('burn rate', detail)
    : warn('burn rate', detail, 'lp-signer fund --deposit-eth <amount>');
}
