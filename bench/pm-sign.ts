import { hexToBytes, loadCrypto, privateKeySigner, signTickets } from '@lp/pm';
import { getBytes, keccak256, solidityPacked, toBeHex, Wallet } from 'ethers';
import type { Result } from './result.ts';
import { compare, describeSpread } from './rounds.ts';
import { SAMPLE_KEY, SAMPLE_TICKET } from './sample-ticket.ts';
import { loadSecp256k1 } from './secp256k1.ts';

const BATCH = 3;

/** Tickets per second by `signTickets`, three a batch, against a bare native sign loop and against ethers alone. */
export async function benchSigning(): Promise<readonly Result[]> {
  const { signer: kind, keccak } = await loadCrypto();
  const signer = privateKeySigner(SAMPLE_KEY);
  let nonce = 0;
  const ours = async (tickets: number) => {
    for (let done = 0; done < tickets; done += BATCH) {
      nonce = (nonce + BATCH) % 600;
      await signTickets(SAMPLE_TICKET, [nonce, nonce + 1, nonce + 2], signer);
    }
  };

  const native = loadSecp256k1();
  const key = hexToBytes(SAMPLE_KEY);
  const digest = hexToBytes(SAMPLE_TICKET.recipientRandHash);
  const bare = (tickets: number) => {
    for (let done = 0; done < tickets; done++) {
      digest[31] = done;
      native.ecdsaSign(digest, key);
    }
  };

  const wallet = new Wallet(SAMPLE_KEY);
  const ethers = (tickets: number) => {
    for (let done = 0; done < tickets; done++) signWithEthers(wallet, done % 600);
  };

  const toNative = await compare(roundUp(ours), roundUp(bare));
  const toEthers = await compare(roundUp(ours), roundUp(ethers));
  return [
    {
      name: 'pm.sign.native-ratio',
      value: toNative.ratio,
      better: 'higher',
      note: `signTickets, ${BATCH} a batch (${kind}, keccak ${keccak}) / bare ecdsaSign; ${describeSpread(toNative)}`,
    },
    {
      name: 'pm.sign.ethers-ratio',
      value: toEthers.ratio,
      better: 'higher',
      note: `signTickets, ${BATCH} a batch / the same through ethers; ${describeSpread(toEthers)}`,
    },
  ];
}

/** Counts in whole batches, so that both sides do exactly what is counted. */
function roundUp(side: (tickets: number) => void | Promise<void>): (batches: number) => void | Promise<void> {
  return (batches) => side(batches * BATCH);
}

function signWithEthers(wallet: Wallet, senderNonce: number): Uint8Array {
  const { recipient, sender, faceValue, winProb, recipientRandHash } = SAMPLE_TICKET;
  const hash = keccak256(
    solidityPacked(
      ['address', 'address', 'uint256', 'uint256', 'uint256', 'bytes32', 'bytes32', 'bytes32'],
      [
        recipient,
        sender,
        faceValue,
        winProb,
        senderNonce,
        recipientRandHash,
        toBeHex(SAMPLE_TICKET.creationRound, 32),
        SAMPLE_TICKET.creationRoundBlockHash,
      ],
    ),
  );
  return getBytes(wallet.signMessageSync(getBytes(hash)));
}
