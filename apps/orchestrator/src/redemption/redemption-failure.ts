/** What a failed redemption means for its ticket. */
export interface RedemptionFailure {
  /** True: it will never be paid. False: try again with a later block. */
  readonly final: boolean;
  /** For the operator. */
  readonly note: string;
}

/**
 * Reasons for which a ticket is given up (payments.md section 2.7, chain.md section 7): it was redeemed before, its
 * transaction was mined and failed, or its round has no block hash. Everything else is retried.
 */
const FINAL = [/ticket is used/i, /transaction failed/i, /creationRound does not have a block hash/i];

const MAX_CAUSES = 5;
const MAX_NOTE = 300;

/** Reads the reason out of an error and its causes. */
export function redemptionFailure(error: unknown): RedemptionFailure {
  const texts: string[] = [];
  let cause = error;
  for (let depth = 0; depth < MAX_CAUSES && cause instanceof Error; depth++) {
    texts.push(cause.message);
    cause = cause.cause;
  }
  if (texts.length === 0) texts.push(String(error));
  const final = texts.some((text) => FINAL.some((pattern) => pattern.test(text)));
  return { final, note: (texts[0] ?? '').slice(0, MAX_NOTE) };
}
