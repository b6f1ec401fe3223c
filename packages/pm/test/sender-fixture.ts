import { encodeOrchestratorInfo, type Hex, type OrchestratorInfo, type TicketParams } from '@lp/protocol';
import { MAX_WIN_PROB, type MessageSigner, privateKeySigner } from '../src/index.ts';
import type { LivePaymentRequest, SenderContext } from '../src/sender/index.ts';

/** 2026-08-20T12:00:00Z in unix nanoseconds: when every test begins. */
export const START_NS = 1_787_227_200_000_000_000n;
export const ORCHESTRATOR: Hex = '0x00000000000000000000000000000000000000aa';

/** Signer with private key 1, the key of the vectors in remote-signer.md section 3.3. */
export function keyOne(): MessageSigner {
  return privateKeySigner(`0x${'1'.padStart(64, '0')}`);
}

/** Ticket params whose EV is exactly `ev` wei: a third of the face value. */
export function paramsWithEv(ev: bigint, change: Partial<TicketParams> = {}): TicketParams {
  return {
    recipient: '0x00000000000000000000000000000000000000bb',
    faceValue: ev * 3n,
    winProb: MAX_WIN_PROB / 3n,
    recipientRandHash: `0x${'11'.repeat(32)}`,
    seed: 7n,
    expirationBlock: 1040n,
    expirationParams: { creationRound: 9n, creationRoundBlockHash: `0x${'22'.repeat(32)}` },
    ...change,
  };
}

/** An offer of 3 wei per unit, EV 35, that lives for 30 minutes. */
export function offer(change: Partial<OrchestratorInfo> = {}): OrchestratorInfo {
  return {
    transcoder: 'https://orchestrator.example:8935',
    address: ORCHESTRATOR,
    ticketParams: paramsWithEv(35n),
    priceInfo: { pricePerUnit: 3n, pixelsPerUnit: 1n },
    authToken: {
      token: new Uint8Array(32).fill(5),
      sessionId: '9f8e7d6c',
      expiration: START_NS / 1_000_000_000n + 1800n,
    },
    ...change,
  };
}

/** A first call of type `live` for `offer(...)`. */
export function request(
  change: Partial<LivePaymentRequest> = {},
  info: OrchestratorInfo = offer(),
): LivePaymentRequest {
  return {
    orchestrator: encodeOrchestratorInfo(info),
    manifestId: '',
    app: '',
    inPixels: 0n,
    type: 'live',
    capabilities: new Uint8Array(),
    ...change,
  };
}

/** A well-funded sender, no ceilings, key 1. */
export function context(change: Partial<SenderContext> = {}): SenderContext {
  return {
    signer: keyOne(),
    random: { bytes: (length) => new Uint8Array(length).fill(0xab) },
    nowNs: START_NS,
    chain: {
      l1Block: 1000n,
      lastInitializedRound: 8n,
      roundBlockHash: `0x${'33'.repeat(32)}`,
      senderInfo: {
        deposit: 10n ** 18n,
        withdrawRound: 0n,
        reserve: { fundsRemaining: 10n ** 18n, claimedInCurrentRound: 0n },
      },
    },
    limits: { maxTicketEv: 3_000_000_000_000n, maxTotalEv: 20_000_000_000_000n, depositMultiplier: 1n },
    ceilings: [],
    ...change,
  };
}

/** Reads one list of vectors of the repository. */
export async function vectors<T>(file: string, name: string): Promise<T> {
  const { readFile } = await import('node:fs/promises');
  const text = await readFile(new URL(`../../../test/vectors/${file}`, import.meta.url), 'utf8');
  return (JSON.parse(text) as Record<string, T>)[name] as T; // the caller names the list's type
}
