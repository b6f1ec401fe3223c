import type { Hex, Ticket } from '@lp/pm';
import { ethersChain, readKeystore, transactionKey } from '@lp/pm/chain';

export async function redeem(
  where: { rpcUrl: string; controller: Hex },
  key: { keystore: string; password: string },
  winner: { ticket: Ticket; signature: Uint8Array; recipientRand: bigint },
): Promise<bigint> {
  const signer = transactionKey(await readKeystore(key.keystore, key.password));
  const chain = ethersChain({ ...where, signer });
  const { currentRoundInitialized } = await chain.head();
  if (!currentRoundInitialized) throw new Error('wait for initializeRound');
  const { paidWei } = await chain.redeem(winner, { gasLimit: 1_200_000n });
  return paidWei; // 0 when the sender had nothing left
}
