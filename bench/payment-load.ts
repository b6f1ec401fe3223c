import { randomBytes } from 'node:crypto';
import { MAX_WIN_PROB } from '@lp/pm';
import { encodeBase64, encodeOrchestratorInfo } from '@lp/protocol';
import { Client } from 'undici';
import type { SignerUnderLoad } from './signer-under-load.ts';

const FACE_VALUE = 2n * 10n ** 12n;
const WIN_PROB = MAX_WIN_PROB / 2n;
/** Units of one wei that one ticket pays: its expected value, floored. */
const UNITS = (FACE_VALUE * WIN_PROB) / MAX_WIN_PROB;

/** One session on one connection: every answer has one ticket, every call fresh ticket params and the last state. */
export class PayingSession {
  readonly #client: Client;
  readonly #signer: SignerUnderLoad;
  readonly #manifestId = randomBytes(4).toString('hex');
  #state: unknown;

  constructor(signer: SignerUnderLoad) {
    this.#signer = signer;
    this.#client = new Client(signer.url, { pipelining: 1 });
  }

  async pay(): Promise<void> {
    const response = await this.#client.request({
      method: 'POST',
      path: '/generate-live-payment',
      headers: { authorization: `Bearer ${this.#signer.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        state: this.#state,
        orchestrator: this.#offer(),
        ManifestID: this.#manifestId,
        app: 'lp/bench',
        inPixels: Number(UNITS),
      }),
    });
    const text = await response.body.text();
    if (response.statusCode !== 200) throw new Error(`the signer answered ${response.statusCode}: ${text}`);
    this.#state = (JSON.parse(text) as { state: unknown }).state; // the signer's answer
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  #offer(): string {
    return encodeBase64(
      encodeOrchestratorInfo({
        transcoder: 'https://orchestrator.example:8935',
        address: this.#signer.recipient,
        ticketParams: {
          recipient: this.#signer.recipient,
          faceValue: FACE_VALUE,
          winProb: WIN_PROB,
          recipientRandHash: `0x${randomBytes(32).toString('hex')}`,
          seed: 7n,
          expirationBlock: this.#signer.l1Block + 40n,
          expirationParams: { creationRound: 9n, creationRoundBlockHash: `0x${'22'.repeat(32)}` },
        },
        priceInfo: { pricePerUnit: 1n, pixelsPerUnit: 1n },
        authToken: {
          token: new Uint8Array(32).fill(5),
          sessionId: this.#manifestId,
          expiration: BigInt(Math.floor(Date.now() / 1000)) + 1800n,
        },
      }),
    );
  }
}
